package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.token.LogRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the slices are watched, and when they are requested again. A turn returns its pause, so no time passes. */
class ReplicaWatchTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final List<Watcher<GenericKubernetesResource>> opened = new CopyOnWriteArrayList<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private final LogRecords log = LogRecords.of("io.tokenguardian");
    private int replicas = 3;
    private boolean refuses;
    private final ReplicaWatch watch = new ReplicaWatch(this::open, changes::incrementAndGet, () -> replicas, () -> 0);

    @AfterEach
    void close() {
        watch.close();
        log.close();
    }

    private Watch open(Watcher<GenericKubernetesResource> watcher) {
        if (refuses) {
            throw new KubernetesClientException("Forbidden", 403, null);
        }
        opened.add(watcher);
        return closed::incrementAndGet;
    }

    private Watcher<GenericKubernetesResource> last() {
        return opened.get(opened.size() - 1);
    }

    private void event() {
        last().eventReceived(Watcher.Action.ADDED, new GenericKubernetesResource());
    }

    private void end() {
        last().onClose(new WatcherException("Exhausted reconnects"));
    }

    private List<Long> pauses(int turns) {
        return pauses(watch, turns);
    }

    private static List<Long> pauses(ReplicaWatch watch, int turns) {
        return Stream.generate(() -> watch.runOnce().toSeconds()).limit(turns).toList();
    }

    @Test
    void aListedServiceIsWatchedAtOnceByASingleWatch() {
        assertThat(watch.runOnce()).isEqualTo(ReplicaWatch.UNTIL_WOKEN);
        assertThat(watch.runOnce()).isEqualTo(ReplicaWatch.UNTIL_WOKEN);

        assertThat(opened).hasSize(1);
        assertThat(changes).hasValue(0);
    }

    @Test
    void aWatchThatEndsIsAChangeAndIsRepeatedTenSecondsLater() {
        watch.runOnce();
        event();
        end();

        assertThat(watch.runOnce()).isEqualTo(Duration.ofSeconds(10));
        assertThat(changes).hasValue(2);
        assertThat(closed).hasValue(1);
        assertThat(watch.runOnce()).isEqualTo(ReplicaWatch.UNTIL_WOKEN);
        assertThat(opened).hasSize(2);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aRefusedWatchIsRepeatedAfterGrowingPausesAndLoggedOnce() {
        refuses = true;

        assertThat(pauses(8)).containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN replica-watch=failed")
                .contains("k8s/rbac");
    }

    @Test
    void aWatchThatEndsBeforeItsFirstEventIsTreatedAsRefused() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            watch.runOnce();
            end();
            pauses.addAll(pauses(1));
        }

        assertThat(pauses).containsExactly(10L, 20L, 40L);
        assertThat(log.lines()).singleElement().asString().startsWith("WARN replica-watch=failed");
    }

    @Test
    void aRestartOfAnApiServerIsNotLogged() {
        watch.runOnce();
        event();
        end();
        watch.runOnce();
        for (int i = 1; i < ReplicaWatch.FAILURES_TO_REPORT; i++) {
            watch.runOnce();
            end();
            watch.runOnce();
        }
        watch.runOnce();
        event();

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aWatchThatWorksLaterIsLoggedOnce() {
        refuses = true;
        pauses(5);

        refuses = false;
        watch.runOnce();
        event();
        event();

        assertThat(log.lines()).hasSize(2).last().asString().startsWith("INFO replica-watch=works");
    }

    @Test
    void thePausesStartAgainAfterAWatchThatWorked() {
        refuses = true;
        pauses(5);
        refuses = false;
        watch.runOnce();
        event();
        end();
        watch.runOnce();

        refuses = true;

        assertThat(pauses(2)).containsExactly(10L, 20L);
    }

    @Test
    void withoutAWatchEachReplicaIsListedAgainWithinHalfAMinute() {
        try (ReplicaWatch polling = polling()) {
            assertThat(pauses(polling, 2)).containsExactly(10L, 10L);
        }

        assertThat(changes).hasValue(2);
    }

    @Test
    void withoutAWatchAForbiddenListIsRequestedAfterGrowingPauses() {
        replicas = 0;
        try (ReplicaWatch polling = polling()) {
            assertThat(pauses(polling, 8)).containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
        }

        assertThat(changes).hasValue(8);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void withoutAWatchThePausesStartAgainWhenAListIsAllowed() {
        replicas = 0;
        try (ReplicaWatch polling = polling()) {
            pauses(polling, 2);
            replicas = 3;
            pauses(polling, 1);
            replicas = 0;

            assertThat(pauses(polling, 2)).containsExactly(10L, 20L);
        }
    }

    private ReplicaWatch polling() {
        return new ReplicaWatch(null, changes::incrementAndGet, () -> replicas, () -> 0);
    }

    @Test
    void aWatchThatIsStartedTwiceHasOneThread() {
        assertThat(watch.threads()).isEmpty();

        watch.start();
        watch.start();

        await().atMost(TIMEOUT).until(() -> opened.size() == 1);
        assertThat(watch.threads()).containsExactly(new ThreadState("replica-watch", null));
    }

    @Test
    void closeEndsTheOpenWatch() {
        watch.start();
        await().atMost(TIMEOUT).until(() -> opened.size() == 1);

        watch.close();

        await().atMost(TIMEOUT).until(() -> closed.get() == 1);
    }
}
