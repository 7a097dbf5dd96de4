package io.tokenguardian.pod;

import java.time.Instant;

/** Writes to the API server about a pod. Each call waits for the response. */
interface PodApi {

    sealed interface Outcome {
        /**
         * The object is written.
         *
         * @param name the object's name
         */
        record Done(String name) implements Outcome {}

        /**
         * The API server does not allow it: the service account lacks the permission, or an admission plugin refuses.
         *
         * @param message the API server's own, which may have any length and characters
         */
        record Forbidden(String message) implements Outcome {}

        /** Writing again can't help: the object is gone, another object has its name, or the call itself is wrong. */
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
     * @param at when it happened, on the node's clock
     */
    Outcome createEvent(PodIdentity pod, PodEvent event, Instant at);

    /**
     * Writes that the event {@code name} has happened again.
     *
     * @param count how often it has happened in total
     * @param at when it happened last, on the node's clock
     */
    Outcome increaseCount(PodIdentity pod, String name, PodEvent event, int count, Instant at);
}
