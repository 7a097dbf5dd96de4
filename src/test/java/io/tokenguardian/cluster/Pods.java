package io.tokenguardian.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.function.Predicate.not;
import static java.util.stream.Collectors.toMap;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tokenguardian.HangDetector;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** The pods of one test, from their creation to the results of their apps. Not thread-safe. */
final class Pods {
    /**
     * The limit for a request that does not have to wait. Such requests take half a second on an idle machine. Requests
     * that had to wait took at least eleven seconds.
     */
    static final Duration AT_ONCE = Duration.ofSeconds(2);

    /**
     * Addresses for the pods of all tests. The node has 61 addresses. A pod that has ended keeps its address for a
     * second or two.
     */
    private static final Semaphore ADDRESSES = new Semaphore(52);

    /**
     * The maximum number of all tests' pods that start at the same time, so that kubelet has no more work than on an
     * ordinary node.
     */
    private static final int MOST_STARTING = 8;

    private static final String BATCH = "batch";
    private static final String GUARDIAN = "token-guardian";
    private static final String APP = "main";
    private static final AtomicInteger BATCHES = new AtomicInteger();

    private final Cluster cluster;
    private final KubernetesClient client;
    private final String batch = "b" + BATCHES.incrementAndGet();
    private final Deque<Planned> waiting = new ArrayDeque<>();
    private final Map<String, Mode> modes = new LinkedHashMap<>();
    private final Map<String, FollowedLog> followed = new HashMap<>();
    private final List<AppRun> runs = new ArrayList<>();

    private record Planned(Pod pod, Mode mode) {}

    /** The log of a container that is about to be deleted. */
    private record FollowedLog(ByteArrayOutputStream text, LogWatch watch) {
        String whole() {
            String end = watch.onClose()
                    .handle((closed, cause) -> cause == null ? "" : "\nlog cut: " + cause.getMessage())
                    .toCompletableFuture()
                    .orTimeout(1, TimeUnit.MINUTES)
                    .join();
            return text.toString(UTF_8) + end;
        }
    }

    Pods(Cluster cluster) {
        this.cluster = cluster;
        this.client = cluster.client();
    }

    /** Adds this many pods, which are made by {@link Mode#pod}. */
    Pods add(int count, Mode mode, String patch, String... arguments) {
        Pod pod = mode.pod(cluster, patch, arguments);
        for (int i = 0; i < count; i++) {
            Pod named = new PodBuilder(pod)
                    .editMetadata()
                    .withName(batch + "-" + mode + "-" + (modes.size() + waiting.size()))
                    .addToLabels(BATCH, batch)
                    .endMetadata()
                    .build();
            waiting.add(new Planned(named, mode));
        }
        return this;
    }

    /** Waits until all apps have ended, and returns their results. */
    List<AppRun> run() {
        return run(() -> {});
    }

    /** Like {@link #run()}, and runs {@code meanwhile} each second. */
    List<AppRun> run(Runnable meanwhile) {
        await("end", HangDetector.TIMEOUT, running -> {
            meanwhile.run();
            return running.isEmpty();
        });
        return List.copyOf(runs);
    }

    /** Like {@link #run()}, with a longer limit. */
    List<AppRun> runWithin(Duration limit) {
        await("end", limit, List::isEmpty);
        return List.copyOf(runs);
    }

    /** Waits until all apps run. */
    Pods awaitStart() {
        await(
                "start",
                HangDetector.TIMEOUT,
                running -> running.stream().allMatch(pod -> isInState(pod, ContainerState::getRunning)));
        return this;
    }

    private void await(String what, Duration limit, Predicate<List<Pod>> done) {
        try {
            Awaitility.await()
                    .atMost(limit)
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreException(
                            KubernetesClientException.class) // a clock that jumps cuts off requests of the test
                    .until(() -> done.test(progress()) && waiting.isEmpty());
        } catch (ConditionTimeoutException e) {
            modes.keySet().stream().toList().forEach(this::collect);
            throw new AssertionError("not all apps " + what + ": " + runs, e);
        }
    }

    /** Returns how long ago the oldest running pod was created. Its token is as old, or slightly younger. */
    Duration sinceCreated() {
        return client.pods().withLabel(BATCH, batch).list().getItems().stream()
                .map(pod -> Instant.parse(pod.getMetadata().getCreationTimestamp()))
                .min(Comparator.naturalOrder())
                .map(created -> Duration.between(created, Instant.now()))
                .orElseThrow();
    }

    /**
     * Makes kubelet update the pods' volumes at once. The patch has no version, because kubelet changes the pods too.
     */
    void sync() {
        client.pods()
                .withLabel(BATCH, batch)
                .resources()
                .forEach(pod -> pod.patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"synced\": \"true\"}}}"));
    }

    /** Returns the ids of the running containers. */
    List<String> containers() {
        return client.pods().withLabel(BATCH, batch).list().getItems().stream()
                .map(Pod::getStatus)
                .flatMap(status -> Stream.concat(
                        status.getInitContainerStatuses().stream(), status.getContainerStatuses().stream()))
                .filter(container -> container.getState().getRunning() != null)
                .map(container -> container.getContainerID().replaceFirst(".*/", ""))
                .toList();
    }

    /** Deletes the pods. Their apps have the usual 30 s, by the clock of {@code client}'s API server. */
    Pods delete(KubernetesClient client) {
        modes.forEach((name, mode) -> {
            follow(name, APP);
            if (mode != Mode.UNGUARDED) {
                follow(name, GUARDIAN);
            }
        });
        client.pods().withLabel(BATCH, batch).delete();
        return this;
    }

    /** Creates some of the waiting pods, collects the pods whose app has ended, and returns the running pods. */
    private List<Pod> progress() {
        Map<String, Pod> running;
        synchronized (ADDRESSES) { // no other test creates pods meanwhile
            List<Pod> pods = client.pods().withLabel(BATCH).list().getItems();
            running = pods.stream()
                    .filter(pod -> modes.containsKey(pod.getMetadata().getName())
                            && !isInState(pod, ContainerState::getTerminated)
                            && !"Failed".equals(pod.getStatus().getPhase()))
                    .collect(toMap(pod -> pod.getMetadata().getName(), Function.identity()));
            long starting = pods.stream()
                    .filter(pod -> pod.getStatus().getPodIP() == null)
                    .count();
            while (starting < MOST_STARTING && !waiting.isEmpty() && ADDRESSES.tryAcquire()) {
                Planned next = waiting.remove();
                String name = next.pod().getMetadata().getName();
                modes.put(name, next.mode());
                running.put(name, client.resource(next.pod()).create());
                starting++;
            }
        }
        List.copyOf(modes.keySet()).stream().filter(not(running::containsKey)).forEach(this::collect);
        return List.copyOf(running.values());
    }

    private static boolean isInState(Pod pod, Function<ContainerState, @Nullable Object> state) {
        return pod.getStatus().getContainerStatuses().stream()
                .anyMatch(container -> container.getName().equals(APP) && state.apply(container.getState()) != null);
    }

    private void collect(String name) {
        Mode mode = Objects.requireNonNull(modes.remove(name));
        runs.add(new AppRun(
                name, mode, log(name, APP).lines().toList(), mode == Mode.UNGUARDED ? "" : log(name, GUARDIAN)));
        client.pods().withName(name).withGracePeriod(1).delete();
        ADDRESSES.release();
    }

    private void follow(String name, String container) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        LogWatch watch = client.pods().withName(name).inContainer(container).watchLog(text);
        followed.put(name + container, new FollowedLog(text, watch));
    }

    private String log(String name, String container) {
        FollowedLog log = followed.get(name + container);
        if (log != null) {
            return log.whole();
        }
        try {
            return client.pods().withName(name).inContainer(container).getLog();
        } catch (KubernetesClientException e) {
            return "no log: " + e.getMessage();
        }
    }
}
