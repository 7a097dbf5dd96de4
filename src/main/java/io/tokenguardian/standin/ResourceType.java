package io.tokenguardian.standin;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A kind of object that the stand-in stores.
 *
 * @param group the API group; empty for the core group
 * @param version the only version that the stand-in serves
 * @param plural the name in paths
 * @param kind the name in objects
 * @param namespaced whether objects of this kind belong to namespaces
 */
public record ResourceType(String group, String version, String plural, String kind, boolean namespaced) {

    public static final ResourceType PODS = new ResourceType("", "v1", "pods", "Pod", true);
    public static final ResourceType CONFIG_MAPS = new ResourceType("", "v1", "configmaps", "ConfigMap", true);
    public static final ResourceType SERVICE_ACCOUNTS =
            new ResourceType("", "v1", "serviceaccounts", "ServiceAccount", true);
    public static final ResourceType EVENTS = new ResourceType("", "v1", "events", "Event", true);
    public static final ResourceType ENDPOINTS = new ResourceType("", "v1", "endpoints", "Endpoints", true);
    public static final ResourceType SERVICES = new ResourceType("", "v1", "services", "Service", true);
    public static final ResourceType NAMESPACES = new ResourceType("", "v1", "namespaces", "Namespace", false);
    public static final ResourceType NODES = new ResourceType("", "v1", "nodes", "Node", false);
    public static final ResourceType EVENTS_V1 = new ResourceType("events.k8s.io", "v1", "events", "Event", true);
    public static final ResourceType JOBS = new ResourceType("batch", "v1", "jobs", "Job", true);

    /** All kinds that the stand-in serves from memory. */
    static final List<ResourceType> ALL = List.of(
            PODS, CONFIG_MAPS, SERVICE_ACCOUNTS, EVENTS, ENDPOINTS, SERVICES, NAMESPACES, NODES, EVENTS_V1, JOBS);

    static Optional<ResourceType> of(String group, String version, String plural) {
        return ALL.stream()
                .filter(type -> type.group.equals(group) && type.version.equals(version) && type.plural.equals(plural))
                .findFirst();
    }

    static Stream<ResourceType> in(String group, String version) {
        return ALL.stream().filter(type -> type.group.equals(group) && type.version.equals(version));
    }

    /** The API version: {@code v1} or {@code group/version}. */
    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}
