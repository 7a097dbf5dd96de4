package io.tokenguardian.laptop;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a pod that affect its token. All times are in whole seconds, on the clock of the replica that wrote
 * them, except for {@code started}.
 *
 * @param started {@code startTime}, when kubelet first saw the pod, on the node's clock; null before that
 * @param deleted {@code deletionTimestamp}, the end of the grace period; null if the pod is not being deleted
 * @param otherVolume the type of the volume at the default path, such as {@code secret}; null if projected or none
 */
record ParsedPod(
        String uid,
        String serviceAccount,
        String where,
        Instant created,
        @Nullable Instant started,
        @Nullable Instant deleted,
        List<ProjectedToken> tokens,
        @Nullable String otherVolume,
        boolean guarded,
        @Nullable String condition) {

    /** The path at which client libraries look for the token. */
    static final String DEFAULT_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /** What kubelet requests by default. The API server extends only tokens of exactly this lifetime. */
    static final Duration USUAL_LIFETIME = Duration.ofSeconds(3607);

    static final String GUARDIAN = "token-guardian";

    private static final String CONDITION = "token-guardian.io/TokenAccepted";

    /** The {@code expirationSeconds} of a projection that does not set it. */
    private static final long DEFAULT_LIFETIME = 3600;

    /** How many tokens of a pod, and how many mounts of a volume, are examined. An ordinary pod has a few. */
    private static final int MOST = 20;

    /** Linux's {@code PATH_MAX}, with the terminating zero. */
    private static final int PATH_MAX = 4096;

    /** A token that kubelet requests. A null audience means the API server's own; it may grant a longer lifetime. */
    record ProjectedToken(@Nullable String audience, Duration lifetime, List<MountedFile> files) {
        boolean isAtDefaultPath() {
            return files.stream().anyMatch(MountedFile::isDefault);
        }

        /** The containers that have this token at the default path. */
        String containers() {
            return files.stream()
                    .filter(MountedFile::isDefault)
                    .map(MountedFile::container)
                    .collect(Collectors.joining(", "));
        }
    }

    /** @param fixed whether kubelet never replaces the file, as with a {@code subPath} mount */
    record MountedFile(String container, String path, boolean fixed) {
        boolean isDefault() {
            return path.equals(DEFAULT_FILE);
        }
    }

    /** A directory in a container, or a file if the mount has a {@code subPath}. */
    private record Mount(String container, String path, String subPath) {
        /** Where the container has the file {@code name} of the volume; empty if only another file is mounted. */
        Stream<MountedFile> file(String name) {
            if (subPath.isEmpty()) {
                return Stream.of(new MountedFile(container, path + (path.endsWith("/") ? "" : "/") + name, false));
            }
            return subPath.equals(name) ? Stream.of(new MountedFile(container, path, true)) : Stream.of();
        }
    }

    /** Of the token at the default path, as kubelet requests it; {@link #USUAL_LIFETIME} if the pod has none. */
    Duration lifetime() {
        return tokens.stream()
                .filter(token -> token.audience() == null)
                .min(Comparator.comparing((ProjectedToken token) -> !token.isAtDefaultPath())
                        .thenComparing(ProjectedToken::lifetime))
                .map(ProjectedToken::lifetime)
                .orElse(USUAL_LIFETIME);
    }

    /** @throws RuntimeException if a field is missing or is not of the type that the Kubernetes API gives it */
    static ParsedPod of(JsonObject pod) {
        JsonObject metadata = pod.getJsonObject("metadata");
        JsonObject spec = pod.getJsonObject("spec");
        JsonObject status = pod.getJsonObject("status", new JsonObject());
        Map<String, List<Mount>> mounts = mounts(spec);
        List<ProjectedToken> tokens = new ArrayList<>();
        String otherVolume = null;
        for (JsonObject volume : objects(spec, "volumes")) {
            List<Mount> mounted = mounts.getOrDefault(volume.getString("name"), List.of());
            JsonObject projected = volume.getJsonObject("projected");
            if (projected != null) {
                objects(projected, "sources").stream()
                        .map(source -> source.getJsonObject("serviceAccountToken"))
                        .filter(token -> token != null && tokens.size() < MOST)
                        .forEach(token -> tokens.add(token(token, mounted)));
            } else if (mounted.stream().flatMap(mount -> mount.file("token")).anyMatch(MountedFile::isDefault)) {
                otherVolume = volume.fieldNames().stream()
                        .filter(each -> !each.equals("name"))
                        .findFirst()
                        .orElse("volume");
            }
        }
        String node = spec.getString("nodeName");
        return new ParsedPod(
                metadata.getString("uid"),
                spec.getString("serviceAccountName", "default"),
                status.getString("phase", "phase unknown") + (node == null ? ", on no node yet" : " on " + node),
                Instant.parse(metadata.getString("creationTimestamp")),
                instant(status, "startTime"),
                instant(metadata, "deletionTimestamp"),
                List.copyOf(tokens),
                otherVolume,
                hasGuardian(spec),
                objects(status, "conditions").stream()
                        .filter(each -> CONDITION.equals(each.getString("type")))
                        .map(each -> each.getString("message", ""))
                        .findFirst()
                        .orElse(null));
    }

    private static ProjectedToken token(JsonObject token, List<Mount> mounts) {
        String audience = token.getString("audience", "");
        return new ProjectedToken(
                audience.isEmpty() ? null : audience,
                Duration.ofSeconds(token.getLong("expirationSeconds", DEFAULT_LIFETIME)),
                mounts.stream()
                        .flatMap(mount -> mount.file(token.getString("path")))
                        .toList());
    }

    /** Returns the mounts by their volume. */
    private static Map<String, List<Mount>> mounts(JsonObject spec) {
        Map<String, List<Mount>> mounts = new HashMap<>();
        for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (JsonObject container : objects(spec, kind)) {
                for (JsonObject mount : objects(container, "volumeMounts")) {
                    String path = mount.getString("mountPath");
                    List<Mount> same = mounts.computeIfAbsent(mount.getString("name"), any -> new ArrayList<>());
                    if (same.size() < MOST && path.length() < PATH_MAX) {
                        same.add(new Mount(container.getString("name"), path, mount.getString("subPath", "")));
                    }
                }
            }
        }
        return mounts;
    }

    /** A guardian that only waits does not count, because it has ended by then. */
    private static boolean hasGuardian(JsonObject spec) {
        Stream<JsonObject> sidecars = objects(spec, "initContainers").stream()
                .filter(each -> "Always".equals(each.getString("restartPolicy")));
        return Stream.concat(objects(spec, "containers").stream(), sidecars)
                .anyMatch(each -> GUARDIAN.equals(each.getString("name")));
    }

    static @Nullable Instant instant(JsonObject object, String field) {
        String text = object.getString(field);
        return text == null ? null : Instant.parse(text);
    }

    static List<JsonObject> objects(JsonObject parent, String field) {
        JsonArray array = parent.getJsonArray(field, new JsonArray());
        List<JsonObject> objects = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            objects.add(array.getJsonObject(i));
        }
        return objects;
    }
}
