package io.tokenguardian.crosscheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.crosscheck.PodFacts.MountedFile;
import io.tokenguardian.crosscheck.PodFacts.ProjectedToken;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

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
