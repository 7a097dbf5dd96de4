package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;

/**
 * Workflows of an unmodified Argo with the files of {@code k8s/argo}. All tests except {@link FiftyStepsAtOnce} run in
 * CI, and with more workflows in {@code bench/cluster}. The class runs late, because its policy would change the pods
 * of other classes.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
@Order(Integer.MAX_VALUE - 1)
class ArgoIT {
    /** How many guarded workflows of each way run in a situation: 4 in CI, 20 in {@code bench/cluster}. */
    private static final int WORKFLOWS = Integer.getInteger("cluster.workflows", 4);

    /**
     * How many gated workflows run while a replica is behind: none in CI, because each of their two steps waits for a
     * minute, as in the other situation.
     */
    private static final int GATED = Integer.getInteger("cluster.gated-workflows", 0);

    /**
     * At least one unguarded workflow has to fail. While a replica is behind, seven of ten do, so it hardly happens
     * that all eight succeed.
     */
    private static final int UNGUARDED = Math.max(8, WORKFLOWS);

    private static final Duration GRACE = Duration.ofSeconds(30);

    private static final List<ArgoWay> GUARDED = List.of(ArgoWay.TRANSPARENT, ArgoWay.GATE);

    /** How long clocks jump after a workflow of fifty steps has started. */
    private static final Duration STORM = Duration.ofMinutes(1);

    /** The exit code of a stopped step of {@code argo.yaml}. */
    private static final int STOPPED = 7;

    /** The phase, exit code and outputs of each step of {@code argo.yaml}. */
    private static final Map<String, String> RESULTS = Map.of(
            "serve", "Succeeded",
            "script", "Succeeded 0 result parameter",
            "fail", "Failed 3",
            "data", "Succeeded 0 [\"files/a.pdf.ready\"]",
            "http", "Succeeded text",
            "resource", "Succeeded 0 value");

    private static @Nullable Argo argo;

    private static Argo argo() {
        return Objects.requireNonNull(argo);
    }

    @BeforeAll
    static void install(Cluster cluster) throws IOException {
        cluster.resetClocks();
        argo = Argo.install(cluster);
    }

    @AfterAll
    static void remove(Cluster cluster) {
        if (argo != null) {
            cluster.resetClocks();
            argo.remove();
        }
    }

    /** Runs all pipelines at the same time, the slowest first. */
    private static void verifyPipelines(String situation, int gated) {
        List<String> started = Stream.of(
                        startPipelines(ArgoWay.GATE, gated),
                        startPipelines(ArgoWay.UNGUARDED, UNGUARDED),
                        startPipelines(ArgoWay.TRANSPARENT, WORKFLOWS),
                        startPipelines(ArgoWay.PATCHED, WORKFLOWS))
                .flatMap(List::stream)
                .toList();

        List<ArgoRun> runs = started.stream().map(argo()::end).toList();

        Figures.addWorkflows(situation, runs);
        assertThat(runs)
                .filteredOn(run -> run.way() == ArgoWay.UNGUARDED)
                .anyMatch(run -> !run.succeeded() && run.log().contains("Unauthorized"));
        assertThat(runs)
                .filteredOn(run -> run.way() != ArgoWay.UNGUARDED)
                .allMatch(ArgoRun::succeeded)
                .allMatch(ArgoRun::hadGuardians);
    }

    private static List<String> startPipelines(ArgoWay way, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> argo().start(way, way.pipeline()))
                .toList();
    }

    /** Runs a workflow with steps of each kind, among them a step that fails and a daemon. */
    private static void verifyResults(String argosContainer) {
        ArgoRun run = argo().end(argo().start(ArgoWay.TRANSPARENT, "results"));

        assertThat(run)
                .matches(ArgoRun::succeeded)
                .matches(ArgoRun::hadGuardians)
                .matches(any -> any.hadContainer(argosContainer));
        assertThat(run.results()).isEqualTo(RESULTS);
    }

    /** In {@code bench/cluster} only: a workflow takes some minutes. */
    @Nested
    @Order(0)
    @Execution(SAME_THREAD)
    @TestMethodOrder(OrderAnnotation.class)
    @EnabledIfSystemProperty(named = "cluster.wide", matches = "true", disabledReason = "takes ten minutes")
    class FiftyStepsAtOnce {
        @Test
        @Order(1)
        @Timeout(value = 40, unit = TimeUnit.MINUTES)
        void allSucceedWithRightClocks() {
            verifySteps("50 steps at once, right clocks", GUARDED, () -> {});
        }

        @Test
        @Order(2)
        @Timeout(value = 40, unit = TimeUnit.MINUTES)
        void allSucceedWhileClocksJumpForAMinute(Cluster cluster) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            List<ArgoWay> ways = Stream.concat(GUARDED.stream(), Stream.of(ArgoWay.UNGUARDED))
                    .toList();
            verifySteps("50 steps at once, clocks jump for a minute, seed " + seed, ways, () -> {
                Instant end = Instant.now().plus(STORM);
                await().pollInterval(Duration.ofSeconds(1)).until(() -> {
                    cluster.jump(random);
                    return Instant.now().isAfter(end);
                });
                cluster.resetClocks();
            });
        }
    }

    /** Runs a workflow of fifty parallel steps in each way, one after the other. */
    private static void verifySteps(String situation, List<ArgoWay> ways, Runnable meanwhile) {
        for (ArgoWay way : ways) {
            String workflow = argo().start(way, "wide");
            meanwhile.run();
            ArgoRun run = argo().end(workflow);

            List<String> failed = run.results().entrySet().stream()
                    .filter(step -> !step.getValue().startsWith("Succeeded"))
                    .map(Object::toString)
                    .toList();
            Figures.addWorkflows(situation, List.of(run));
            System.out.printf(
                    "%s, %s: %d of %d steps failed%n",
                    situation, way, failed.size(), run.results().size());
            if (way != ArgoWay.UNGUARDED) {
                assertThat(failed).as(run.toString()).isEmpty();
                assertThat(run.results()).hasSize(50);
                assertThat(run).matches(ArgoRun::succeeded).matches(ArgoRun::hadGuardians);
            }
            argo().delete(workflow);
        }
    }

    @Nested
    @Order(1)
    class IssuerAhead {
        @BeforeAll
        static void setClock(Cluster cluster) {
            cluster.setClock(1, 120);
        }

        @AfterAll
        static void resetClocks(Cluster cluster) {
            cluster.resetClocks();
        }

        @Test
        @Execution(CONCURRENT)
        @Timeout(value = 40, unit = TimeUnit.MINUTES)
        void guardedPipelinesSucceed() {
            verifyPipelines("issuer 2 min ahead", WORKFLOWS);
        }

        @Test
        @Execution(CONCURRENT)
        void eachStepHasItsOwnResult() {
            verifyResults("wait");
        }

        /** The step's own exit code shows that Argo did not have to kill the step after the grace period. */
        @Test
        @Execution(CONCURRENT)
        void aStepThatIsStoppedEndsWithItsOwnExitCode() {
            String workflow = argo().start(ArgoWay.TRANSPARENT, "endless");
            await().until(() -> argo().pods(workflow).stream().anyMatch(ArgoIT::isRunning));

            argo().stop(workflow);
            ArgoRun run = argo().end(workflow);

            assertThat(run.pods())
                    .extracting(pod -> ArgoRun.exitCode(pod, "main"))
                    .containsExactlyInAnyOrder(STOPPED, 0);
            assertThat(run).matches(ArgoRun::hadGuardians);
        }

        /** Argo deletes a pod whose containers have not started. */
        @Test
        @Execution(CONCURRENT)
        void aStepThatIsStoppedWhileItsGuardianWaitsEndsInTime() {
            String workflow = argo().start(ArgoWay.GATE, "endless");
            await().until(() -> argo().pods(workflow).stream().anyMatch(ArgoIT::hasGuardianThatRuns));
            Instant stopped = Instant.now();

            argo().stop(workflow);
            await().until(() -> argo().pods(workflow).stream().noneMatch(ArgoIT::isOfTheStoppedStep));

            assertThat(Duration.between(stopped, Instant.now())).isLessThan(GRACE);
            assertThat(argo().end(workflow)).matches(ArgoRun::hadGuardians);
        }
    }

    private static boolean isRunning(Pod pod) {
        return pod.getStatus().getPhase().equals("Running");
    }

    private static boolean hasGuardianThatRuns(Pod pod) {
        return pod.getStatus().getInitContainerStatuses().stream()
                .anyMatch(container -> container.getState().getRunning() != null);
    }

    private static boolean isOfTheStoppedStep(Pod pod) {
        return !pod.getMetadata().getName().contains("-exit-");
    }

    @Nested
    @Order(2)
    @TestMethodOrder(OrderAnnotation.class)
    class ReplicaBehind {
        @BeforeAll
        static void setClock(Cluster cluster) {
            cluster.setClock(3, -120);
        }

        @AfterAll
        static void resetClocks(Cluster cluster) {
            cluster.resetClocks();
        }

        @Test
        @Order(1)
        @Timeout(value = 40, unit = TimeUnit.MINUTES)
        void guardedPipelinesSucceed() {
            verifyPipelines("one of three 2 min behind", GATED);
        }

        @Test
        @Order(2)
        void eachStepHasItsOwnResultInAPodWithoutInit() {
            argo().setInitless();

            verifyResults("supervisor");
        }
    }
}
