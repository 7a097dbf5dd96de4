package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.token.TokenReading.Unreadable;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenWatchTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final MountWatch.Source REAL = FileSystems.getDefault()::newWatchService;
    private static final MountWatch.Source BROKEN = () -> {
        throw new IOException("User limit of inotify instances reached or too many open files");
    };

    @TempDir
    Path parent;

    private final List<TokenReading> published = new CopyOnWriteArrayList<>();
    private final List<Integer> publishedBefore = new CopyOnWriteArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final String first = TestTokens.issuedAt(NOW).text();
    private final String second = TestTokens.issuedAt(NOW.plusSeconds(3600)).text();
    private @Nullable TokenWatch watch;

    @AfterEach
    void close() {
        if (watch != null) {
            watch.close();
        }
    }

    private KubeletMount mount() {
        return new KubeletMount(parent.resolve("mount"));
    }

    private TokenWatch watch(KubeletMount mount, Duration pollInterval, MountWatch.Source source) {
        return watch(mount, pollInterval, source, published::add);
    }

    private TokenWatch watch(
            KubeletMount mount, Duration pollInterval, MountWatch.Source source, Consumer<TokenReading> listener) {
        watch = new TokenWatch(
                "token-watch",
                new TokenFile(mount.token()),
                pollInterval,
                () -> publishedBefore.add(published.size()),
                reading -> {
                    threads.add(Thread.currentThread());
                    listener.accept(reading);
                },
                source,
                now::get);
        return watch;
    }

    private List<String> publishedTokens() {
        return published.stream()
                .map(reading ->
                        reading instanceof Present present ? present.token().bearer() : "unreadable")
                .toList();
    }

    @Test
    void theFirstLookPublishesWhatIsThere() {
        // Given
        TokenWatch watch = watch(mount().write(first), AN_HOUR, REAL);

        // When
        watch.poll();

        // Then
        assertThat(publishedTokens()).containsExactly(first);
    }

    @Test
    void theFirstLookPublishesAFaultToo() {
        // Given
        KubeletMount mount = mount();
        TokenWatch watch = watch(mount, AN_HOUR, REAL);

        // When
        watch.poll();

        // Then
        assertThat(published).containsExactly(new Unreadable("token file " + mount.token() + " does not exist"));
    }

    @Test
    void aLookThatFindsTheSamePublishesNothing() {
        // Given
        TokenWatch watch = watch(mount().write(first), AN_HOUR, REAL);
        watch.poll();

        // When
        watch.poll();

        // Then
        assertThat(published).hasSize(1);
    }

    @Test
    void aTokenThatIsWrittenAgainUnchangedIsNoChange() throws IOException {
        // Given
        KubeletMount mount = mount().write(first);
        TokenWatch watch = watch(mount, AN_HOUR, REAL);
        watch.poll();
        mount.write(first);
        Files.setLastModifiedTime(mount.token(), FileTime.from(NOW.plusSeconds(1)));

        // When
        watch.poll();

        // Then
        assertThat(published).hasSize(1);
    }

    @Test
    void everyChangeIsPublishedOnce() {
        // Given
        KubeletMount mount = mount();
        TokenWatch watch = watch(mount, AN_HOUR, REAL);

        // When
        for (String content : List.of(first, first, second, "half", "half", first)) {
            mount.write(content);
            watch.poll();
        }

        // Then
        assertThat(publishedTokens()).containsExactly(first, second, "unreadable", first);
    }

    @Test
    void aListenerThatThrowsHearsOfTheNextChange() {
        // Given
        KubeletMount mount = mount().write(first);
        TokenWatch watch = watch(mount, AN_HOUR, REAL, reading -> {
            published.add(reading);
            throw new IllegalStateException("a fault of the listener's");
        });
        try (LogRecords log = LogRecords.of(TokenWatch.class)) {
            watch.poll();
            watch.poll();

            // When
            mount.write(second);
            watch.poll();

            // Then
            assertThat(publishedTokens()).containsExactly(first, second);
            assertThat(log.lines())
                    .hasSize(2)
                    .containsOnly("ERROR Could not handle a change to the token file " + mount.token());
        }
    }

    @Test
    void aListenerThatThrowsDoesNotEndTheThread() {
        // Given
        KubeletMount mount = mount().write(first);
        watch(mount, AN_HOUR, REAL, reading -> {
                    published.add(reading);
                    throw new AssertionError("a fault of the listener's");
                })
                .start();
        await().until(() -> published.size() == 1);

        // When
        mount.write(second);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).containsExactly(first, second));
    }

    @Test
    void otherFilesAreReadBeforeEachReadingOfTheToken() {
        // Given
        KubeletMount mount = mount().write(first);
        watch(mount, AN_HOUR, REAL).start();
        await().until(() -> published.size() == 1);

        // When
        mount.write(second);

        // Then
        await().until(() -> published.size() == 2);
        assertThat(publishedBefore).startsWith(0, 1);
    }

    @Test
    void theWatchAloneSeesARotation() {
        // Given
        KubeletMount mount = mount().write(first);
        watch(mount, AN_HOUR, REAL).start();
        await().until(() -> published.size() == 1);

        // When
        mount.write(second);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).containsExactly(first, second));
    }

    @Test
    void theWatchAloneSeesEveryRotationAfterTheFirst() {
        // Given
        KubeletMount mount = mount().write(first);
        watch(mount, AN_HOUR, REAL).start();
        await().until(() -> published.size() == 1);
        mount.write(second);
        await().until(() -> published.size() == 2);
        String third = TestTokens.issuedAt(NOW.plusSeconds(7200)).text();

        // When
        mount.write(third);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).containsExactly(first, second, third));
    }

    @Test
    void theWatchAloneSeesTheFirstWriting() {
        // Given
        KubeletMount mount = mount();
        watch(mount, AN_HOUR, REAL).start();
        await().until(() -> published.size() == 1);

        // When
        mount.write(first);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).endsWith(first));
    }

    @Test
    void pollingAloneSeesARotation() {
        // Given
        KubeletMount mount = mount().write(first);
        try (LogRecords log = LogRecords.of(MountWatch.class)) {
            watch(mount, Duration.ofMillis(10), BROKEN).start();
            await().until(() -> published.size() == 1);

            // When
            mount.write(second);

            // Then
            await().untilAsserted(() -> assertThat(publishedTokens()).containsExactly(first, second));
            assertThat(log.lines()).hasSize(1);
        }
    }

    @Test
    void aMountThatIsMadeLateAndRemovedAndMadeAgainIsFollowed() throws IOException {
        // Given
        KubeletMount mount = mount();
        mount.unmount();
        watch(mount, Duration.ofMillis(10), REAL).start();
        await().until(() -> publishedTokens().equals(List.of("unreadable")));
        mount().write(first);
        await().until(() -> publishedTokens().get(published.size() - 1).equals(first));
        Files.move(parent.resolve("mount"), parent.resolve("old"));
        await().until(() -> publishedTokens().get(published.size() - 1).equals("unreadable"));

        // When
        mount().write(second);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).endsWith(second));
    }

    @Test
    void aFloodOfOtherFilesDoesNotHideARotation() throws IOException {
        // Given
        KubeletMount mount = mount().write(first);
        watch(mount, AN_HOUR, REAL).start();
        await().until(() -> published.size() == 1);
        for (int file = 0; file < 2_000; file++) {
            Files.createFile(parent.resolve("mount").resolve("file-" + file));
        }

        // When
        mount.write(second);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).containsExactly(first, second));
    }

    @Test
    void oneDaemonThreadPublishes() {
        // Given
        KubeletMount mount = mount().write(first);
        watch(mount, AN_HOUR, REAL).start();
        await().until(() -> published.size() == 1);

        // When
        mount.write(second);

        // Then
        await().until(() -> published.size() == 2);
        assertThat(threads).hasSize(2).allSatisfy(thread -> {
            assertThat(thread).isSameAs(threads.get(0)).isNotSameAs(Thread.currentThread());
            assertThat(thread.getName()).isEqualTo("token-watch");
            assertThat(thread.isDaemon()).isTrue();
        });
    }

    @Test
    void aWatchThatIsStuckIsSeen() {
        // Given
        CountDownLatch never = new CountDownLatch(1);
        TokenWatch watch = watch(mount().write(first), AN_HOUR, REAL, reading -> {
            published.add(reading);
            awaitForEver(never);
        });
        watch.start();
        await().until(() -> published.size() == 1);
        assertThat(watch.threads()).allMatch(ThreadState::isHealthy);

        // When
        now.addAndGet(TokenWatch.LONGEST_TURN.toNanos() + 1);

        // Then
        assertThat(watch.threads()).containsExactly(new ThreadState("token-watch", "has been busy for 30 s"));
    }

    private static void awaitForEver(CountDownLatch never) {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aTurnThatFailsIsSeenAndTheNextOneReadsTheToken() {
        // Given
        AtomicInteger opened = new AtomicInteger();
        TokenWatch watch = watch(mount().write(first), AN_HOUR, () -> {
            if (opened.incrementAndGet() == 1) {
                throw new AssertionError("no watch service");
            }
            return REAL.open();
        });
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            // When
            watch.start();

            // Then
            await().until(() -> published.size() == 1);
            assertThat(watch.threads()).containsExactly(new ThreadState("token-watch", null, 1));
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "ERROR thread=failed token-watch java.lang.AssertionError: no watch service (at token.");
        }
    }

    @Test
    void closingEndsTheThreadThatWatches() {
        // Given
        TokenWatch watch = watch(mount().write(first), AN_HOUR, REAL);
        watch.start();
        await().until(() -> published.size() == 1);

        // When
        watch.close();

        // Then
        assertThat(threads.get(0).isAlive()).isFalse();
    }

    @Test
    void closingEndsTheThreadThatPolls() {
        // Given
        TokenWatch watch = watch(mount().write(first), AN_HOUR, BROKEN);
        watch.start();
        await().until(() -> published.size() == 1);

        // When
        watch.close();

        // Then
        assertThat(threads.get(0).isAlive()).isFalse();
    }

    @Test
    void theListenerMayClose() {
        // Given
        TokenWatch watch = watch(mount().write(first), AN_HOUR, REAL, reading -> {
            published.add(reading);
            close();
        });

        // When
        watch.start();

        // Then
        await().until(() -> published.size() == 1);
        await().untilAsserted(() -> assertThat(threads.get(0).isAlive()).isFalse());
    }

    @Test
    void afterClosingNothingIsPublished() {
        // Given
        KubeletMount mount = mount().write(first);
        TokenWatch watch = watch(mount, AN_HOUR, REAL);
        watch.poll();
        watch.close();
        mount.write(second);

        // When
        watch.poll();

        // Then
        assertThat(publishedTokens()).containsExactly(first);
    }
}
