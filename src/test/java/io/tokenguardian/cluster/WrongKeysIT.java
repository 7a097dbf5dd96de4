package io.tokenguardian.cluster;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tokenguardian.HangDetector;
import io.tokenguardian.testing.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * API servers have a key set without the key of the tokens in use. Runs in CI, and with more pods, for longer, in
 * {@code bench/cluster}.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
@Execution(ExecutionMode.SAME_THREAD)
@Order(Integer.MAX_VALUE - 2)
class WrongKeysIT {
    /** How many seconds one replica has wrong keys. */
    private static final Duration FAULT = Duration.ofSeconds(Integer.getInteger("cluster.wrong-keys", 20));

    /** How many idle pods of each kind run meanwhile, and how many seconds they run before. */
    private static final int IDLE = Integer.getInteger("cluster.idle", 1);

    private static final Duration IDLE_BEFORE = Duration.ofSeconds(Integer.getInteger("cluster.idle-before", 0));

    private static final List<Mode> MODES = List.of(Mode.GATE, Mode.TRANSPARENT);
    private static final List<String> EXAMPLES = List.of("pod", "transparent-pod");

    /** Sends one request at the start, and another after a day. */
    private static final String[] IDLE_APP = {"requests", "2", "86400"};

    private static final String LABEL = "idle";
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int CALLERS = 30;
    private static final String REQUEST = "GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @TempDir
    private static Path keys;

    @TempDir
    private Path directory;

    private final ScheduledExecutorService callers = Executors.newScheduledThreadPool(CALLERS);
    private final List<Integer> wrong = new ArrayList<>();

    @BeforeAll
    static void makeKeys(Cluster cluster) {
        cluster.resetClocks();
        Path key = keys.resolve("key");
        Command.run(List.of("openssl", "genrsa", "-out", key.toString(), "2048"));
        Command.run(List.of("openssl", "rsa", "-in", key.toString(), "-pubout", "-out", key + ".pub"));
    }

    @BeforeEach
    void mount(Cluster cluster) throws IOException {
        cluster.mount(directory, 1);
    }

    @AfterEach
    void end(Cluster cluster) {
        callers.shutdownNow();
        setRight(cluster);
    }

    private void setWrong(Cluster cluster, int number) {
        wrong.add(number);
        cluster.restartWithKeys(number, keys.resolve("key.pub"));
        cluster.awaitService(number);
    }

    private void setRight(Cluster cluster) {
        wrong.forEach(cluster::restart);
        wrong.forEach(cluster::awaitService);
        wrong.clear();
    }

    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void noIdlePodBecomesUnreadyBecauseOfOneReplica(Cluster cluster) throws IOException {
        try (KubernetesClient client = cluster.client(1)) {
            createIdlePods(cluster, client);
            eachSecond(IDLE_BEFORE, () -> {});
            setWrong(cluster, 2);
            Instant begin = Instant.now();

            Set<String> unready = new TreeSet<>();
            eachSecond(
                    FAULT,
                    () -> idlePods(client)
                            .filter(pod -> !Readiness.isPodReady(pod))
                            .forEach(pod -> unready.add(pod.getMetadata().getName())));

            System.out.printf(
                    "Wrong keys in one replica for %d s, %d idle pods. Seconds until they report the refusal: %s%n",
                    FAULT.toSeconds(),
                    idlePods(client).count(),
                    idlePods(client)
                            .flatMap(pod -> untilRefusal(client, pod, begin))
                            .sorted()
                            .map(String::valueOf)
                            .collect(joining(" ")));
            assertThat(unready).isEmpty();
        } finally {
            cluster.client().pods().withLabel(LABEL).withGracePeriod(0).delete();
        }
    }

    @Test
    void aGuardianWithTrafficNamesTheReplicaThatItsProxyReaches(Cluster cluster) throws IOException {
        try (Guardian guardian = new Guardian(cluster, directory, Map.of())) {
            guardian.timeOfFirstResponse();
            setWrong(cluster, 2);

            send(guardian, CALLERS); // the proxy has one connection, and needs more
            await().until(() -> !guardian.status().contains("\"unexplained\" : 0,"));

            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(guardian.status()).containsPattern("\"replica\" : \"cp-2\",\\s+\"verdict\" : \"refused\"");
                assertThat(guardian.metrics()).contains("token_guardian_verdict{verdict=\"refused\"} 1.0");
                assertThat(guardian.log()).containsPattern("verdict=refused .*cp-2");
            });
            assertThat(guardian.isReady()).isTrue();
        }
    }

    @Test
    void readyThatFollowsTheTokenIsDownWhileAllReplicasHaveWrongKeys(Cluster cluster) throws IOException {
        try (Guardian guardian = new Guardian(cluster, directory, Map.of("GUARDIAN_READINESS_FOLLOWS", "token"))) {
            guardian.timeOfFirstResponse();
            await().until(guardian::isReady);
            send(guardian, 1);

            setWrong(cluster, 1);
            setWrong(cluster, 2);
            setWrong(cluster, 3);
            await().atMost(LIMIT).until(() -> !guardian.isReady());

            setRight(cluster);
            await().atMost(LIMIT).until(guardian::isReady);
        }
    }

    /** From now on, sends requests from this many callers, each five times a second over a new connection. */
    @SuppressWarnings("FutureReturnValueIgnored") // it runs until the test ends
    private void send(Guardian guardian, int count) {
        for (int i = 0; i < count; i++) {
            callers.scheduleWithFixedDelay(
                    () -> {
                        try {
                            guardian.send(REQUEST);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    0,
                    200,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Runs the task each second for this time. */
    private static void eachSecond(Duration time, Runnable task) {
        Instant end = Instant.now().plus(time);
        await().pollInterval(Duration.ofSeconds(1))
                .atMost(time.plus(HangDetector.TIMEOUT))
                .until(() -> {
                    task.run();
                    return !Instant.now().isBefore(end);
                });
    }

    /** Creates the pods, and waits until all are ready. */
    private static void createIdlePods(Cluster cluster, KubernetesClient client) throws IOException {
        List<Pod> kinds = new ArrayList<>();
        for (String example : EXAMPLES) {
            Pod pod = Serialization.unmarshal(Files.readString(Path.of("k8s", example + ".yaml")), Pod.class);
            kinds.add(new PodBuilder(pod)
                    .editMetadata()
                    .withName(example)
                    .endMetadata()
                    .editSpec()
                    .editFirstContainer()
                    .withImage(Mode.CLIENT_IMAGE)
                    .withCommand("/client")
                    .withArgs(IDLE_APP)
                    .endContainer()
                    .endSpec()
                    .build());
        }
        for (Mode mode : MODES) {
            Pod pod = mode.pod(cluster, "", IDLE_APP);
            pod.getMetadata().setName(mode.toString());
            kinds.add(pod);
        }
        for (Pod kind : kinds) {
            for (int i = 0; i < IDLE; i++) {
                client.resource(new PodBuilder(kind)
                                .editMetadata()
                                .withName(kind.getMetadata().getName() + "-" + i)
                                .addToLabels(LABEL, "true")
                                .endMetadata()
                                .build())
                        .create();
            }
        }
        await().until(() -> idlePods(client).allMatch(Readiness::isPodReady));
    }

    private static Stream<Pod> idlePods(KubernetesClient client) {
        return client.pods().withLabel(LABEL).list().getItems().stream();
    }

    /** Returns how many seconds after {@code begin} the pod's guardian first logs the refusal, if it does. */
    private static Stream<Long> untilRefusal(KubernetesClient client, Pod pod, Instant begin) {
        String name = pod.getMetadata().getName();
        return client.pods()
                .withName(name)
                .inContainer("token-guardian")
                .getLog()
                .lines()
                .filter(line -> line.contains("verdict=refused"))
                .map(line -> Duration.between(begin, Instant.parse(line.substring(0, line.indexOf(' '))))
                        .toSeconds())
                .limit(1);
    }
}
