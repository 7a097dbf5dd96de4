package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.laptop.ParsedPod.MountedFile;
import io.tokenguardian.laptop.ParsedPod.ProjectedToken;
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

class ParsedPodTest {
    private static final String INJECTED = """
            {"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
              {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
              {"configMap": {"name": "kube-root-ca.crt"}}]}}""";

    private static ParsedPod pod(String spec, String more) {
        return ParsedPod.of(new JsonObject("""
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
        ParsedPod facts = pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", DEFAULT, ""), "");

        assertThat(facts.tokens())
                .containsExactly(new ProjectedToken(
                        null,
                        Duration.ofSeconds(3607),
                        List.of(new MountedFile("main", ParsedPod.DEFAULT_FILE, false))));
        assertThat(facts.tokens().get(0).isAtDefaultPath()).isTrue();
        assertThat(facts.otherVolume()).isNull();
        assertThat(facts.deleted()).isNull();
    }

    @Test
    void aSlashAtTheEndOfAMountIsNoPartOfThePath() {
        ParsedPod facts =
                pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", DEFAULT + "/", ""), "");

        assertThat(facts.tokens().get(0).isAtDefaultPath()).isTrue();
    }

    /** Each of 300 volumes has 300 tokens, and is mounted at 300 places with long paths. */
    @Test
    void theSizeOfAHostilePodIsBounded() {
        AtomicInteger reads = new AtomicInteger();
        JsonArray volumes = new JsonArray();
        JsonArray mounts = new JsonArray();
        JsonArray sources = new JsonArray();
        for (int i = 0; i < 300; i++) {
            sources.add(new JsonObject().put("serviceAccountToken", new JsonObject().put("path", "t" + i)));
            volumes.add(
                    new JsonObject().put("name", "v" + i).put("projected", new JsonObject().put("sources", sources)));
            Map<String, Object> mount = Map.of("name", "v" + i % 3, "mountPath", "/m" + i + "x".repeat(1_000));
            mounts.add(new JsonObject(new HashMap<>(mount) {
                private static final long serialVersionUID = 1L;

                @Override
                public @Nullable Object get(Object key) {
                    reads.incrementAndGet();
                    return super.get(key);
                }
            }));
        }
        JsonObject container = new JsonObject().put("name", "main").put("volumeMounts", mounts);

        ParsedPod pod = ParsedPod.of(new JsonObject()
                .put("metadata", new JsonObject().put("uid", "u1").put("creationTimestamp", "2026-03-01T12:00:00Z"))
                .put(
                        "spec",
                        new JsonObject().put("volumes", volumes).put("containers", new JsonArray().add(container))));

        assertThat(pod.tokens()).hasSize(20).allMatch(token -> token.files().size() <= 20);
        assertThat(reads).hasValueLessThanOrEqualTo(300 * 4);
    }

    @ParameterizedTest
    @CsvSource({"4095, 1", "4096, 0"})
    void aDirectoryWhosePathIsTooLongForLinuxIsNotListed(int length, int files) {
        String path = "/" + "x".repeat(length - 1);

        ParsedPod pod = pod("\"volumes\": [" + INJECTED + "]," + mounted("kube-api-access-x7k2p", path, ""), "");

        assertThat(pod.tokens().get(0).files()).hasSize(files);
    }

    @Test
    void aTokenMayBeMountedAsAFileOfItsOwn() {
        ParsedPod facts = pod(
                "\"volumes\": [" + INJECTED + "],"
                        + mounted("kube-api-access-x7k2p", "/token", ", \"subPath\": \"token\""),
                "");

        assertThat(facts.tokens().get(0).files()).containsExactly(new MountedFile("main", "/token", true));
    }

    @Test
    void aProjectionHasItsOwnAudienceAndLifetime() {
        ParsedPod facts = pod("""
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
    void deletionIsRead() {
        ParsedPod facts = pod("\"containers\": []", ", \"deletionTimestamp\": \"2026-03-01T12:00:30Z\"");

        assertThat(facts.deleted()).isEqualTo(Instant.parse("2026-03-01T12:00:30Z"));
        assertThat(facts.tokens()).isEmpty();
    }

    @Test
    void theGuardiansConditionIsRead() {
        ParsedPod facts = ParsedPod.of(new JsonObject("""
                {"metadata": {"uid": "u1", "creationTimestamp": "2026-03-01T12:00:00Z"},
                 "spec": {"nodeName": "node-1"},
                 "status": {"phase": "Running", "conditions": [
                   {"type": "Ready", "status": "True"},
                   {"type": "token-guardian.io/TokenAccepted", "message": "Some accept it."}]}}"""));

        assertThat(facts.condition()).isEqualTo("Some accept it.");
        assertThat(facts.where()).isEqualTo("Running on node-1");
        assertThat(facts.serviceAccount()).isEqualTo("default");
    }

    @Test
    void theLifetimeIsThatOfTheTokenThatClientsFind() {
        assertThat(pod("""
                "volumes": [{"name": "own", "projected": {"sources": [
                  {"serviceAccountToken": {"expirationSeconds": 600, "path": "short"}},
                  {"serviceAccountToken": {"expirationSeconds": 7200, "path": "token"}},
                  {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 900, "path": "v"}}]}}],
                """ + mounted("own", DEFAULT, ""), "").lifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(pod("\"volumes\": []", "").lifetime()).isEqualTo(ParsedPod.USUAL_LIFETIME);
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
        assertThatThrownBy(() -> PodEvidence.GuardianVerdict.of(
                        new JsonObject("{\"checks\": [{\"name\": \"db\", \"data\": {}}]}")))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> PodEvidence.GuardianVerdict.of(
                        new JsonObject("{\"checks\": [{\"name\": \"ready\", \"data\": {}}]}")))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void whatIsNoPodIsNotTakenForOne() {
        assertThatThrownBy(() -> ParsedPod.of(new JsonObject("{\"metadata\": []}")))
                .isInstanceOf(RuntimeException.class);
    }
}
