package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.token.JsonObjects;
import java.text.ParseException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The EndpointSlices of the service {@code default/kubernetes}. The API server's replicas maintain these slices. */
final class EndpointSlices {
    static final String PATH = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
            + "?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes";

    private static final String PORT_NAME = "https";

    private EndpointSlices() {}

    /** Returns the addresses of the ready endpoints, in the order of the response. */
    static ReplicaList read(String body, String serverName) {
        try {
            Set<ApiServerAddress> addresses = new LinkedHashSet<>();
            for (Map<String, Object> slice : objects(JsonObjects.parse(body), "items")) {
                for (Map<String, Object> port : objects(slice, "ports")) {
                    if (PORT_NAME.equals(port.get("name"))) {
                        addAddresses(slice, JSONObjectUtils.getInt(port, "port"), serverName, addresses);
                    }
                }
            }
            return addresses.isEmpty()
                    ? new ReplicaList.Unknown("the service kubernetes has no ready endpoint")
                    : new ReplicaList.Known(List.copyOf(addresses));
        } catch (ParseException | IllegalArgumentException e) {
            return new ReplicaList.Unknown("the EndpointSlices of the service kubernetes can't be read");
        }
    }

    private static void addAddresses(
            Map<String, Object> slice, int port, String serverName, Set<ApiServerAddress> addresses)
            throws ParseException {
        for (Map<String, Object> endpoint : objects(slice, "endpoints")) {
            Map<String, Object> conditions = JSONObjectUtils.getJSONObject(endpoint, "conditions");
            // An absent condition means ready, according to the API.
            boolean ready = conditions == null || !Boolean.FALSE.equals(conditions.get("ready"));
            List<String> hosts = JSONObjectUtils.getStringList(endpoint, "addresses");
            if (ready && hosts != null) {
                hosts.stream()
                        .filter(Objects::nonNull)
                        .forEach(host -> addresses.add(new ApiServerAddress(host, port, serverName)));
            }
        }
    }

    private static List<Map<String, Object>> objects(Map<String, Object> parent, String name) throws ParseException {
        Map<String, Object>[] found = JSONObjectUtils.getJSONObjectArray(parent, name);
        return found == null
                ? List.of()
                : Stream.of(found).filter(Objects::nonNull).toList();
    }
}
