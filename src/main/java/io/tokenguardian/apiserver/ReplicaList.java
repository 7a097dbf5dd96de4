package io.tokenguardian.apiserver;

import java.util.List;

/** What an API server says of where its replicas are. */
public sealed interface ReplicaList {

    /** The ready endpoints of the service {@code kubernetes}; at least one. */
    record Known(List<ApiServerAddress> addresses) implements ReplicaList {
        public Known {
            addresses = List.copyOf(addresses);
        }
    }

    /** The bearer may not ask. */
    record Forbidden() implements ReplicaList {}

    /**
     * No answer, or none that names a replica.
     *
     * @param explanation one line for a person
     */
    record Unknown(String explanation) implements ReplicaList {}
}
