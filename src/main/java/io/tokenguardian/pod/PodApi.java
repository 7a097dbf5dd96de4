package io.tokenguardian.pod;

import java.time.Instant;

/** Writes the condition of a pod to the API server. Each call waits for the response. */
interface PodApi {

    sealed interface WriteResult {
        record Done() implements WriteResult {}

        /**
         * The API server does not allow the write, for lack of permission or because of an admission plugin. Its own
         * message may have any length and contain any character.
         */
        record Denied(String message) implements WriteResult {}

        /** A retry can't help: the pod is gone, or the call itself is invalid. */
        record Gone() implements WriteResult {}

        /** The call failed and may be retried. {@code reason} is one line for a person. */
        record Failed(String reason) implements WriteResult {}
    }

    /** Sets the condition, whose status last changed at {@code since} on the node's clock. */
    WriteResult setCondition(PodIdentity pod, PodCondition condition, Instant since);
}
