package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.standin.ProjectedVolume;
import io.tokenguardian.token.TokenReading.Present;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenWatchTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration AT_ONCE = Duration.ofMillis(10);

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

    private Path mount() {
        return parent.resolve("mount");
    }

    private ProjectedVolume volume(String token) throws IOException {
        return ProjectedVolume.create(mount(), token, "the CA", "shop");
    }

    private TokenWatch watch(Duration pollInterval) {
        return watch(pollInterval, published::add);
    }

    private TokenWatch watch(Duration pollInterval, Consumer<TokenReading> listener) {
        watch = new TokenWatch(
                new TokenFile(mount().resolve("token")),
                pollInterval,
                () -> publishedBefore.add(published.size()),
                reading -> {
                    threads.add(Thread.currentThread());
                    listener.accept(reading);
                },
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
    void everyChangeIsPublishedOnce() throws IOException {
        // Given
        ProjectedVolume volume = volume(first);
        TokenWatch watch = watch(AN_HOUR);
        watch.poll();
        watch.poll();
        volume.rotate(first, "the next CA");

        // When
        watch.poll();
        for (String content : List.of(second, "half", "", first)) {
            volume.rotate(content);
            watch.poll();
            watch.poll();
        }

        // Then
        assertThat(publishedTokens()).containsExactly(first, second, "unreadable", "unreadable", first);
    }

    @Test
    void aListenerThatThrowsHearsOfTheNextChange() throws IOException {
        // Given
        ProjectedVolume volume = volume(first);
        TokenWatch watch = watch(AT_ONCE, reading -> {
            published.add(reading);
            throw new AssertionError("a fault of the listener's");
        });
        watch.start();
        await().until(() -> published.size() == 1);

        // When
        volume.rotate(second);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).containsExactly(first, second));
    }

    @Test
    void otherFilesAreReadBeforeEachReadingOfTheToken() throws IOException {
        // Given
        ProjectedVolume volume = volume(first);
        TokenWatch watch = watch(AN_HOUR);
        watch.poll();
        volume.rotate(second);

        // When
        watch.poll();

        // Then
        assertThat(publishedBefore).containsExactly(0, 1);
        assertThat(publishedTokens()).containsExactly(first, second);
    }

    @Test
    void theTokenIsReadAlthoughTheOtherFilesCannotBe() throws IOException {
        // Given
        volume(first);
        TokenWatch watch = new TokenWatch(
                new TokenFile(mount().resolve("token")),
                AN_HOUR,
                () -> {
                    throw new IllegalStateException("a fault of another file's");
                },
                published::add,
                now::get);

        // When
        assertThatThrownBy(watch::poll).hasMessage("a fault of another file's");

        // Then
        assertThat(publishedTokens()).containsExactly(first);
    }

    @Test
    void aMountThatIsMadeLateAndRemovedAndMadeAgainIsFollowed() throws IOException {
        // Given
        watch(AT_ONCE).start();
        await().until(() -> publishedTokens().equals(List.of("unreadable")));
        volume(first);
        await().until(() -> publishedTokens().get(published.size() - 1).equals(first));
        Files.move(mount(), parent.resolve("old"));
        await().until(() -> publishedTokens().get(published.size() - 1).equals("unreadable"));

        // When
        volume(second);

        // Then
        await().untilAsserted(() -> assertThat(publishedTokens()).endsWith(second));
    }

    @Test
    void aWatchThatIsStuckIsSeen() throws IOException {
        // Given
        CountDownLatch never = new CountDownLatch(1);
        volume(first);
        TokenWatch watch = watch(AN_HOUR, reading -> {
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
    void closingEndsTheThread() throws IOException {
        // Given
        volume(first);
        TokenWatch watch = watch(AN_HOUR);
        watch.start();
        await().until(() -> published.size() == 1);

        // When
        watch.close();

        // Then
        assertThat(threads.get(0).isAlive()).isFalse();
    }

    @Test
    void afterClosingNothingIsPublished() throws IOException {
        // Given
        ProjectedVolume volume = volume(first);
        TokenWatch watch = watch(AN_HOUR);
        watch.poll();
        watch.close();
        volume.rotate(second);

        // When
        watch.poll();

        // Then
        assertThat(publishedTokens()).containsExactly(first);
    }
}
