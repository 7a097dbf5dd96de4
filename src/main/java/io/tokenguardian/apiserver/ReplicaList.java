package io.tokenguardian.apiserver;

import java.util.List;

public sealed interface ReplicaList {

    /** The ready endpoints of the service {@code kubernetes}; at least one. */
    record Known(List<ApiServerAddress> addresses) implements ReplicaList {
        public Known {
            addresses = List.copyOf(addresses);
        }
    }

    /** The bearer may not list EndpointSlices. */
    record Forbidden() implements ReplicaList {}

    /** No response arrived, or the response names no replica. */
    record Unknown(String explanation) implements ReplicaList {}
}
