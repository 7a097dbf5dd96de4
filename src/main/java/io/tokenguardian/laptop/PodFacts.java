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
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a pod that affect its token. All times are in whole seconds, on the clock of the replica that wrote
 * them, except for {@code started}.
 *
 * @param isStatic whether kubelet runs the pod from a file on its node; the API server has only a mirror pod
 * @param started {@code startTime}, when kubelet first saw the pod, on the node's clock; null before that
 * @param made when the pod was made, probably by the clock of the replica that issued the pod's token
 * @param madeIsSure whether that is by an event of kubelet's, and so certainly by that clock
 * @param deleted {@code deletionTimestamp}, the end of the grace period; null if the pod is not being deleted
 * @param automount null if the service account decides
 * @param otherVolume the type of the volume at the default path, such as {@code secret}; null if projected or none
 */
record PodFacts(
        String uid,
        String serviceAccount,
        String where,
        boolean isStatic,
        Instant created,
        @Nullable Instant started,
        Instant made,
        boolean madeIsSure,
        @Nullable Instant deleted,
        @Nullable Boolean automount,
        List<ProjectedToken> tokens,
        @Nullable String otherVolume,
        boolean guarded,
        @Nullable String condition) {

    /** The path at which client libraries look for the token. */
    static final String DEFAULT_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /** What kubelet requests by default. The API server extends only tokens of exactly this lifetime. */
    static final Duration USUAL_LIFETIME = Duration.ofSeconds(3607);

    static final String GUARDIAN = "token-guardian";
    static final String KUBELET = "kubelet";

    /** The annotation that marks a mirror pod. */
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private static final String CONDITION = "token-guardian.io/TokenAccepted";

    /** The {@code expirationSeconds} of a projection that does not set it. */
    private static final long DEFAULT_LIFETIME = 3600;

    /** The longest {@code expirationSeconds} that the API server allows. */
    private static final long LONGEST_LIFETIME = 1L << 32;

    /** How long before and after its start a pod is considered as being made. If it is longer, a clock was set. */
    private static final Duration MAKING = Duration.ofMinutes(1);

    private static final Duration BY_THE_SAME_CLOCK = Duration.ofSeconds(5);

    /** How many files all tokens of a pod have; beyond that, each has one. An ordinary pod has a few per container. */
    private static final int MOST_FILES = 100;

    /** Linux's {@code PATH_MAX}, with the terminating zero. */
    private static final int PATH_MAX = 4096;

    /** A token that kubelet requests. A null audience means the API server's own; it may grant a longer lifetime. */
    record ProjectedToken(@Nullable String audience, Duration lifetime, List<MountedFile> files) {
        boolean isAtDefaultPath() {
            return !containers().isEmpty();
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
    private record Mount(String container, String path) {
        boolean mayHoldDefaultFile() {
            return DEFAULT_FILE.startsWith(path + "/");
        }
    }

    /** Whether {@code time}, on the node's clock, is at the start of the pod. */
    boolean isInTheMaking(@Nullable Instant time) {
        return started != null
                && time != null
                && !time.isBefore(started.minus(MAKING))
                && !time.isAfter(started.plus(MAKING));
    }

    PodFacts madeAt(Instant time) {
        return new PodFacts(
                uid,
                serviceAccount,
                where,
                isStatic,
                created,
                started,
                time,
                true,
                deleted,
                automount,
                tokens,
                otherVolume,
                guarded,
                condition);
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

    /** A guardian that only waits does not count, because it has ended by then. */
    private static boolean hasGuardian(JsonObject spec) {
        Stream<JsonObject> sidecars = objects(spec, "initContainers").stream()
                .filter(each -> "Always".equals(each.getString("restartPolicy")));
        return Stream.concat(objects(spec, "containers").stream(), sidecars)
                .anyMatch(each -> GUARDIAN.equals(each.getString("name")));
    }

    /** @throws RuntimeException if a field is missing or is not of the type that the Kubernetes API gives it */
    static PodFacts of(JsonObject pod) {
        JsonObject metadata = pod.getJsonObject("metadata");
        JsonObject spec = pod.getJsonObject("spec");
        JsonObject status = pod.getJsonObject("status", new JsonObject());
        Map<List<String>, List<Mount>> mounts = mounts(spec);
        List<ProjectedToken> tokens = new ArrayList<>();
        int left = MOST_FILES;
        String otherVolume = null;
        for (JsonObject volume : objects(spec, "volumes")) {
            String name = volume.getString("name");
            JsonObject projected = volume.getJsonObject("projected", new JsonObject());
            for (JsonObject source : objects(projected, "sources")) {
                JsonObject token = source.getJsonObject("serviceAccountToken");
                if (token != null) {
                    List<MountedFile> files = files(mounts, name, token.getString("path"), Math.max(1, left));
                    left -= files.size();
                    tokens.add(token(token, files));
                }
            }
            if (!volume.containsKey("projected")
                    && files(mounts, name, "token", 1).stream().anyMatch(MountedFile::isDefault)) {
                otherVolume = volume.fieldNames().stream()
                        .filter(each -> !each.equals("name"))
                        .findFirst()
                        .orElse("volume");
            }
        }
        String node = spec.getString("nodeName");
        Instant created = Instant.parse(metadata.getString("creationTimestamp"));
        Instant started = instant(status, "startTime");
        return new PodFacts(
                metadata.getString("uid"),
                spec.getString("serviceAccountName", "default"),
                status.getString("phase", "phase unknown") + (node == null ? ", on no node yet" : " on " + node),
                metadata.getJsonObject("annotations", new JsonObject()).containsKey(MIRROR),
                created,
                started,
                made(created, started, status),
                false,
                instant(metadata, "deletionTimestamp"),
                spec.getBoolean("automountServiceAccountToken"),
                List.copyOf(tokens),
                otherVolume,
                hasGuardian(spec),
                objects(status, "conditions").stream()
                        .filter(each -> CONDITION.equals(each.getString("type")))
                        .map(each -> each.getString("message", ""))
                        .findFirst()
                        .orElse(null));
    }

    private static ProjectedToken token(JsonObject token, List<MountedFile> files) {
        String audience = token.getString("audience", "");
        return new ProjectedToken(
                audience.isEmpty() ? null : audience,
                Duration.ofSeconds(Math.min(token.getLong("expirationSeconds", DEFAULT_LIFETIME), LONGEST_LIFETIME)),
                files);
    }

    /** Returns the mounts by their volume and {@code subPath}, with those first that may hold the default file. */
    private static Map<List<String>, List<Mount>> mounts(JsonObject spec) {
        Map<List<String>, List<Mount>> mounts = new HashMap<>();
        Stream.of("initContainers", "containers", "ephemeralContainers")
                .flatMap(each -> objects(spec, each).stream())
                .forEach(container -> objects(container, "volumeMounts").stream()
                        .filter(mount -> mount.getString("mountPath").length() < PATH_MAX)
                        .forEach(mount -> mounts.computeIfAbsent(
                                        List.of(mount.getString("name"), mount.getString("subPath", "")),
                                        any -> new ArrayList<>())
                                .add(new Mount(container.getString("name"), directory(mount.getString("mountPath"))))));
        mounts.values().forEach(each -> each.sort(Comparator.comparing(mount -> !mount.mayHoldDefaultFile())));
        return mounts;
    }

    /** Where containers have mounted the file {@code path} of a volume: the default file and fixed files first. */
    private static List<MountedFile> files(
            Map<List<String>, List<Mount>> mounts, String volume, String path, int most) {
        return Stream.concat(
                        mounts.getOrDefault(List.of(volume, ""), List.of()).stream()
                                .limit(MOST_FILES)
                                .map(in -> new MountedFile(in.container(), in.path() + "/" + path, false)),
                        mounts.getOrDefault(List.of(volume, path), List.of()).stream()
                                .limit(MOST_FILES)
                                .map(at -> new MountedFile(at.container(), at.path(), true)))
                .sorted(Comparator.comparing((MountedFile file) -> !file.isDefault())
                        .thenComparing(file -> !file.fixed()))
                .limit(most)
                .toList();
    }

    /** Returns {@code path} without the slashes at its end. */
    static String directory(CharSequence path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.subSequence(0, end).toString();
    }

    /**
     * Returns when the pod was created or scheduled. Usually, a replica writes both times. kubelet writes the second if
     * the scheduler was bypassed, and then both of kubelet's times are about the same.
     */
    private static Instant made(Instant created, @Nullable Instant started, JsonObject status) {
        if (started == null) {
            return created;
        }
        Instant seen = started.plus(BY_THE_SAME_CLOCK);
        return objects(status, "conditions").stream()
                .filter(each -> "PodScheduled".equals(each.getString("type")))
                .map(each -> instant(each, "lastTransitionTime"))
                .filter(scheduled -> scheduled != null && scheduled.isAfter(seen) && scheduled.isAfter(created))
                .findFirst()
                .orElse(created);
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

    /** The verdict on the token that kubelet has put into the pod: a word of the contract, such as {@code refused}. */
    record Guardian(String verdict, String explanation) {

        /** Reads the guardian's {@code ready} health check. Throws as {@link PodFacts#of}. */
        static Guardian of(JsonObject health) {
            JsonObject data = objects(health, "checks").stream()
                    .filter(check -> "ready".equals(check.getString("name")))
                    .map(check -> check.getJsonObject("data"))
                    .findFirst()
                    .orElseThrow();
            return new Guardian(
                    Objects.requireNonNull(data.getString("verdict")),
                    Objects.requireNonNull(data.getString("explanation")));
        }
    }

    /** @param automount null for the default, which is true */
    record Account(Instant created, @Nullable Boolean automount) {

        /** @throws RuntimeException as {@link PodFacts#of} */
        static Account of(JsonObject account) {
            return new Account(
                    Instant.parse(account.getJsonObject("metadata").getString("creationTimestamp")),
                    account.getBoolean("automountServiceAccountToken"));
        }
    }
}
