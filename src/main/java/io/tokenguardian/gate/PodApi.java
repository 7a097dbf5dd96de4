package io.tokenguardian.gate;

import java.time.Instant;

/** What is written about a pod to the API server. Each call waits for the answer. */
interface PodApi {

    /** What became of it. */
    sealed interface Outcome {
        /**
         * It is written.
         *
         * @param name the name of the object
         */
        record Done(String name) implements Outcome {}

        /** The service account may not. */
        record Forbidden() implements Outcome {}

        /** There is nothing to write to: the object is gone, or another one has its name. */
        record Gone() implements Outcome {}

        /**
         * It may be tried again.
         *
         * @param reason one line for a person
         */
        record Failed(String reason) implements Outcome {}
    }

    /**
     * Puts {@code condition} in the place of the pod's own of that type.
     *
     * @param since when its status became what it is, on the node's clock
     */
    Outcome patch(PodIdentity pod, PodCondition condition, Instant since);

    /**
     * Tells {@code event} for the first time.
     *
     * @param at when it happened, on the node's clock
     */
    Outcome create(PodIdentity pod, PodEvent event, Instant at);

    /**
     * Says of the event {@code name} that it has happened again.
     *
     * @param count how often in all
     * @param at when it happened last, on the node's clock
     */
    Outcome repeat(PodIdentity pod, String name, PodEvent event, int count, Instant at);
}
