package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.laptop.PodFacts.MountedFile;
import io.tokenguardian.laptop.PodFacts.ProjectedToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodFactsTest {
    private static final String INJECTED = """
            {"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
              {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
              {"configMap": {"name": "kube-root-ca.crt"}}]}}""";

    private static PodFacts pod(String spec, String more) {
        return PodFacts.of(new JsonObject("""
                {"metadata": {"name": "app-0", "uid": "u1", "creationTimestamp": "2026-03-01T12:00:00Z" %s},
                 "spec": {"serviceAccountName": "app", %s}}""".formatted(more, spec)));
    }

    private static String mounted(String volume, String path, String more) {
        return """
                "containers": [{"name": "main", "volumeMounts": [{"name": "%s", "mountPath": "%s" %s}]}]""".formatted(volume, path, more);
    }

    private static final String DEFAULT = "/var/run/secrets/kubernetes.io/serviceaccount";

    @Test
    void theInjectedTokenIsForTheApiServerAndAtTheDefaultPath() {
        PodFacts facts = pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", DEFAULT, ""), "");

        assertThat(facts.tokens())
                .containsExactly(new ProjectedToken(
                        null,
                        Duration.ofSeconds(3607),
                        List.of(new MountedFile("main", PodFacts.DEFAULT_FILE, false))));
        assertThat(facts.tokens().get(0).isAtDefaultPath()).isTrue();
        assertThat(facts.otherVolume()).isNull();
        assertThat(facts.deleted()).isNull();
        assertThat(facts.automount()).isNull();
    }

    @Test
    void anEphemeralContainerMayMountTheTokenToo() {
        String debugger = """
                , "ephemeralContainers": [{"name": "debugger", "volumeMounts": [
                    {"name": "kube-api-access-x7k2p", "mountPath": "%s"}]}]""".formatted(DEFAULT);

        PodFacts facts =
                pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", DEFAULT, "") + debugger, "");

        assertThat(facts.tokens().get(0).containers()).isEqualTo("main, debugger");
    }

    @Test
    void aSlashAtTheEndOfAMountIsNoPartOfThePath() {
        PodFacts facts =
                pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", DEFAULT + "/", ""), "");

        assertThat(facts.tokens().get(0).isAtDefaultPath()).isTrue();
    }

    @Test
    void theSlashesOfAMountAreReadOnce() {
        AtomicInteger steps = new AtomicInteger();
        String path = "/".repeat(1_000) + "a" + "/".repeat(1_000);

        String directory = PodFacts.directory(new CharSequence() {
            @Override
            public int length() {
                return path.length();
            }

            @Override
            public char charAt(int index) {
                steps.incrementAndGet();
                return path.charAt(index);
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return path.substring(start, end);
            }
        });

        assertThat(directory).isEqualTo("/".repeat(1_000) + "a");
        assertThat(steps).hasValueLessThanOrEqualTo(2 * path.length());
    }

    /** Each of 300 volumes is mounted once. */
    @Test
    void eachMountIsReadOnceForAllVolumes() {
        AtomicInteger reads = new AtomicInteger();
        JsonArray volumes = new JsonArray();
        JsonArray mounts = new JsonArray();
        for (int i = 0; i < 300; i++) {
            volumes.add(new JsonObject(INJECTED).put("name", "v" + i));
            mounts.add(new JsonObject(new HashMap<>(Map.of("name", "v" + i, "mountPath", "/m" + i)) {
                private static final long serialVersionUID = 1L;

                @Override
                public @Nullable Object get(Object key) {
                    reads.incrementAndGet();
                    return super.get(key);
                }
            }));
        }

        PodFacts facts = PodFacts.of(podOf(volumes, mounts));

        assertThat(facts.tokens()).hasSize(300).allMatch(token -> token.files().size() == 1);
        assertThat(reads).hasValueLessThanOrEqualTo(300 * 4);
    }

    /** A volume with 300 tokens is mounted at 300 places with long paths. */
    @Test
    void manyTokensInManyPlacesAreNotListedInEachPlace() {
        JsonArray sources = new JsonArray();
        JsonArray mounts = new JsonArray();
        for (int i = 0; i < 300; i++) {
            sources.add(new JsonObject().put("serviceAccountToken", new JsonObject().put("path", "t" + i)));
            mounts.add(new JsonObject().put("name", "v").put("mountPath", "/m" + i + "x".repeat(1_000)));
        }
        sources.add(new JsonObject().put("serviceAccountToken", new JsonObject().put("path", "token")));
        mounts.add(new JsonObject().put("name", "v").put("mountPath", "/t").put("subPath", "t7"));
        mounts.add(new JsonObject().put("name", "v").put("mountPath", DEFAULT));
        JsonArray volumes = new JsonArray()
                .add(new JsonObject().put("name", "v").put("projected", new JsonObject().put("sources", sources)));

        PodFacts facts = PodFacts.of(podOf(volumes, mounts));

        assertThat(facts.tokens().stream()
                        .flatMap(token -> token.files().stream())
                        .mapToInt(file -> file.path().length())
                        .sum())
                .isLessThan((100 + 301) * 1_010);
        assertThat(facts.tokens().get(300).isAtDefaultPath()).isTrue();
        assertThat(facts.tokens().get(7).files()).contains(new MountedFile("main", "/t", true));
    }

    @ParameterizedTest
    @CsvSource({"4095, 1", "4096, 0"})
    void aDirectoryWhosePathIsTooLongForLinuxIsNotListed(int length, int files) {
        String path = "/" + "x".repeat(length - 1);

        PodFacts facts = pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", path, ""), "");

        assertThat(facts.tokens().get(0).files()).hasSize(files);
    }

    private static JsonObject podOf(JsonArray volumes, JsonArray mounts) {
        JsonObject container = new JsonObject().put("name", "main").put("volumeMounts", mounts);
        return new JsonObject()
                .put("metadata", new JsonObject().put("uid", "u1").put("creationTimestamp", "2026-03-01T12:00:00Z"))
                .put(
                        "spec",
                        new JsonObject().put("volumes", volumes).put("containers", new JsonArray().add(container)));
    }

    /** The API server allows up to 2^32 seconds. */
    @Test
    void aLifetimeBeyondTheApiServersLimitIsThatLimit() {
        PodFacts facts = pod("\"volumes\": [" + INJECTED.replace("3607", Long.toString(Long.MAX_VALUE)) + "]", "");

        assertThat(facts.lifetime()).isEqualTo(Duration.ofSeconds(1L << 32));
    }

    @Test
    void aTokenMayBeMountedAsAFileOfItsOwn() {
        PodFacts facts = pod(
                "\"volumes\": [" + INJECTED + "],"
                        + mounted("kube-api-access-x7k2p", "/token", ", \"subPath\": \"token\""),
                "");

        assertThat(facts.tokens().get(0).files()).containsExactly(new MountedFile("main", "/token", true));
    }

    @Test
    void aProjectionHasItsOwnAudienceAndLifetime() {
        PodFacts facts = pod("""
                "volumes": [{"name": "vault", "projected": {"sources": [
                  {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 600, "path": "t"}},
                  {"serviceAccountToken": {"audience": "", "path": "u"}}]}}],
                """ + mounted("vault", "/vault", ""), "");

        assertThat(facts.tokens())
                .containsExactly(
                        new ProjectedToken(
                                "vault", Duration.ofMinutes(10), List.of(new MountedFile("main", "/vault/t", false))),
                        new ProjectedToken(
                                null, Duration.ofHours(1), List.of(new MountedFile("main", "/vault/u", false))));
    }

    @Test
    void aVolumeOfAnotherKindAtTheDefaultPathIsNamed() {
        assertThat(pod("\"volumes\": [{\"secret\": {}, \"name\": \"s\"}]," + mounted("s", DEFAULT, ""), "")
                        .otherVolume())
                .isEqualTo("secret");
        assertThat(pod("\"volumes\": [{\"name\": \"s\", \"secret\": {}}]," + mounted("s", "/elsewhere", ""), "")
                        .otherVolume())
                .isNull();
    }

    @Test
    void deletionAndAutomountAreRead() {
        PodFacts facts = pod(
                "\"automountServiceAccountToken\": false, \"containers\": []",
                ", \"deletionTimestamp\": \"2026-03-01T12:00:30Z\"");

        assertThat(facts.deleted()).isEqualTo(Instant.parse("2026-03-01T12:00:30Z"));
        assertThat(facts.automount()).isFalse();
        assertThat(facts.tokens()).isEmpty();
    }

    @Test
    void aMirrorPodIsStatic() {
        assertThat(pod("\"containers\": []", ", \"annotations\": {\"kubernetes.io/config.mirror\": \"a1\"}")
                        .isStatic())
                .isTrue();
        assertThat(pod("\"containers\": []", ", \"annotations\": {\"kubernetes.io/config.hash\": \"a1\"}")
                        .isStatic())
                .isFalse();
        assertThat(pod("\"containers\": []", "").isStatic()).isFalse();
    }

    @Test
    void theGuardiansConditionIsRead() {
        PodFacts facts = PodFacts.of(new JsonObject("""
                {"metadata": {"uid": "u1", "creationTimestamp": "2026-03-01T12:00:00Z"},
                 "spec": {"nodeName": "node-1"},
                 "status": {"phase": "Running", "conditions": [
                   {"type": "Ready", "status": "True"},
                   {"type": "token-guardian.io/TokenAccepted", "message": "Some accept it."}]}}"""));

        assertThat(facts.condition()).isEqualTo("Some accept it.");
        assertThat(facts.where()).isEqualTo("Running on node-1");
        assertThat(facts.serviceAccount()).isEqualTo("default");
    }

    /** A pod is scheduled before kubelet sees it. If the order differs, the times are by different clocks. */
    @ParameterizedTest
    @CsvSource({
        "14:00:01, 12:00:00, 14:00:01",
        "12:00:06, 12:00:00, 12:00:06",
        "12:00:05, 12:00:00, 12:00:00",
        "11:00:00, 10:00:00, 12:00:00",
        "14:00:01, 14:00:01, 12:00:00"
    })
    void aPodIsMadeWhenItIsScheduledByALaterClock(String scheduled, String started, String made) {
        PodFacts facts = PodFacts.of(new JsonObject("""
                {"metadata": {"uid": "u1", "creationTimestamp": "2026-03-01T12:00:00Z"},
                 "spec": {},
                 "status": {"startTime": "2026-03-01T%sZ", "conditions": [
                   {"type": "Ready", "lastTransitionTime": "2026-03-01T15:00:00Z"},
                   {"type": "PodScheduled", "lastTransitionTime": "2026-03-01T%sZ"}]}}""".formatted(started, scheduled)));

        assertThat(facts.made()).isEqualTo("2026-03-01T" + made + "Z");
    }

    @Test
    void theLifetimeIsThatOfTheTokenThatClientsFind() {
        assertThat(pod("""
                "volumes": [{"name": "own", "projected": {"sources": [
                  {"serviceAccountToken": {"expirationSeconds": 600, "path": "short"}},
                  {"serviceAccountToken": {"expirationSeconds": 7200, "path": "token"}},
                  {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 900, "path": "v"}}]}}],
                """ + mounted("own", DEFAULT, ""), "").lifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(pod("\"volumes\": []", "").lifetime()).isEqualTo(PodFacts.USUAL_LIFETIME);
    }

    @Test
    void onlyAGuardianThatGoesOnIsAsked() {
        String waiting = "\"initContainers\": [{\"name\": \"token-guardian\", \"args\": [\"wait\"]}]";
        String sidecar = "\"initContainers\": [{\"name\": \"token-guardian\", \"restartPolicy\": \"Always\"}]";
        String ordinary = "\"containers\": [{\"name\": \"token-guardian\"}]";

        assertThat(pod(waiting, "").guarded()).isFalse();
        assertThat(pod(sidecar, "").guarded()).isTrue();
        assertThat(pod(ordinary, "").guarded()).isTrue();
    }

    @Test
    void anotherProgramsHealthIsNoGuardiansVerdict() {
        assertThatThrownBy(
                        () -> PodFacts.Guardian.of(new JsonObject("{\"checks\": [{\"name\": \"db\", \"data\": {}}]}")))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() ->
                        PodFacts.Guardian.of(new JsonObject("{\"checks\": [{\"name\": \"ready\", \"data\": {}}]}")))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void whatIsNoPodIsNotTakenForOne() {
        assertThatThrownBy(() -> PodFacts.of(new JsonObject("{\"metadata\": []}")))
                .isInstanceOf(RuntimeException.class);
    }
}
