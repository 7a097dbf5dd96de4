package io.tokenguardian.pod;

import java.time.Instant;

/** Writes the condition and the events of a pod to the API server. Each call waits for the response. */
interface PodApi {

    sealed interface Outcome {
        record Done(String name) implements Outcome {}

        /**
         * The API server does not allow the write, for lack of permission or because of an admission plugin. Its own
         * message may have any length and contain any character.
         */
        record Forbidden(String message) implements Outcome {}

        /** A retry can't help: the object is gone, another has its name, or the call itself is invalid. */
        record Gone() implements Outcome {}

        /** The call failed and may be retried. {@code reason} is one line for a person. */
        record Failed(String reason) implements Outcome {}
    }

    /** Sets the condition, whose status last changed at {@code since} on the node's clock. */
    Outcome setCondition(PodIdentity pod, PodCondition condition, Instant since);

    /** Writes {@code event}, which happened {@code at} on the node's clock, for the first time. */
    Outcome createEvent(PodIdentity pod, PodEvent event, Instant at);

    /** The event has now happened {@code count} times in total, last {@code at} on the node's clock. */
    Outcome increaseCount(PodIdentity pod, String name, PodEvent event, int count, Instant at);
}
