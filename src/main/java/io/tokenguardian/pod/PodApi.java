package io.tokenguardian.pod;

import java.time.Instant;

/** Writes the condition and the events of a pod to the API server. Each call waits for the response. */
interface PodApi {

    sealed interface Outcome {
        /**
         * The object was written.
         *
         * @param name the object's name
         */
        record Done(String name) implements Outcome {}

        /**
         * The API server does not allow the write: either the service account lacks permission, or an admission plugin
         * rejects the write.
         *
         * @param message the API server's own message, which may have any length and contain any character
         */
        record Forbidden(String message) implements Outcome {}

        /**
         * A retry can't help: the object no longer exists, another object has its name, or the call itself is invalid.
         */
        record Gone() implements Outcome {}

        /**
         * The call failed and may be retried.
         *
         * @param reason one line for a person
         */
        record Failed(String reason) implements Outcome {}
    }

    /**
     * Sets the pod's condition of type {@link PodCondition#TYPE}.
     *
     * @param since when the condition's status last changed, on the node's clock
     */
    Outcome setCondition(PodIdentity pod, PodCondition condition, Instant since);

    /**
     * Writes {@code event} for the first time.
     *
     * @param at when the event happened, on the node's clock
     */
    Outcome createEvent(PodIdentity pod, PodEvent event, Instant at);

    /**
     * Updates the event named {@code name} after it has happened again.
     *
     * @param count how many times the event has happened in total
     * @param at when the event last happened, on the node's clock
     */
    Outcome increaseCount(PodIdentity pod, String name, PodEvent event, int count, Instant at);
}
