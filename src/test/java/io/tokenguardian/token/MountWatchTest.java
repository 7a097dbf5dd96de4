package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountWatchTest {
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration A_MOMENT = Duration.ofNanos(1);

    @TempDir
    Path parent;

    private final List<WatchService> services = new ArrayList<>();
    private final LogRecords log = LogRecords.of(MountWatch.class);
    private Path directory = Path.of("");
    private MountWatch watch = new MountWatch(directory, this::open);

    private WatchService open() throws IOException {
        WatchService service = FileSystems.getDefault().newWatchService();
        services.add(service);
        return service;
    }

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(parent.resolve("mount"));
        watch = new MountWatch(directory, this::open);
    }

    @AfterEach
    void close() {
        watch.close();
        log.close();
    }

    @Test
    void everyChangeEndsAWait() throws Exception {
        for (int round = 0; round < 3; round++) {
            // Given
            watch.register();
            Files.createFile(directory.resolve("token-" + round));

            // When
            boolean changed = watch.await(AN_HOUR);

            // Then
            assertThat(changed).isTrue();
        }
        assertThat(services).hasSize(1);
    }

    @Test
    void aDirectoryThatIsMadeLaterIsWatchedFromTheNextRegistration() throws Exception {
        // Given
        Files.delete(directory);
        watch.register();
        assertThat(watch.await(A_MOMENT)).isFalse();
        Files.createDirectory(directory);
        watch.register();
        Files.createFile(directory.resolve("token"));

        // When
        boolean changed = watch.await(AN_HOUR);

        // Then
        assertThat(changed).isTrue();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aDirectoryThatIsRemovedAndMadeAgainIsWatchedAgain() throws Exception {
        // Given
        watch.register();
        Files.delete(directory);
        assertThat(watch.await(AN_HOUR)).isTrue();
        Files.createDirectory(directory);
        watch.register();
        Files.createFile(directory.resolve("token"));

        // When
        boolean changed = watch.await(AN_HOUR);

        // Then
        assertThat(changed).isTrue();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aDirectoryThatTookTheOldOnesPlaceIsWatchedInItsPlace() throws Exception {
        // Given
        watch.register();
        Path old = Files.move(directory, parent.resolve("old"));
        Files.createDirectory(directory);
        watch.register();
        Files.createFile(old.resolve("nobody-cares"));
        Files.createFile(directory.resolve("token"));

        // When
        boolean changed = watch.await(AN_HOUR);

        // Then
        assertThat(changed).isTrue();
    }

    @Test
    void moreChangesThanTheSystemKeepsEndTheWaitToo() throws Exception {
        // Given
        watch.register();
        for (int file = 0; file < 2_000; file++) {
            Files.createFile(directory.resolve("file-" + file));
        }

        // When
        boolean changed = watch.await(AN_HOUR);

        // Then
        assertThat(changed).isTrue();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void withoutAWatchServiceItIsAPlainWaitAndSaysSoOnce() throws Exception {
        // Given
        MountWatch broken = new MountWatch(directory, () -> {
            throw new IOException("User limit of inotify instances reached or too many open files");
        });

        // When
        for (int round = 0; round < 3; round++) {
            broken.register();
            assertThat(broken.await(A_MOMENT)).isFalse();
        }

        // Then
        assertThat(log.lines())
                .containsExactly("WARN Cannot watch " + directory
                        + " (User limit of inotify instances reached or too many open files):"
                        + " changes to the token are found only by polling");
        broken.close();
    }

    @Test
    void aWatchServiceThatClosesIsReplacedAtTheNextRegistration() throws Exception {
        // Given
        watch.register();
        services.get(0).close();
        assertThat(watch.await(A_MOMENT)).isFalse();
        watch.register();
        Files.createFile(directory.resolve("token"));

        // When
        boolean changed = watch.await(AN_HOUR);

        // Then
        assertThat(changed).isTrue();
        assertThat(log.lines())
                .containsExactly("WARN Cannot watch " + directory
                        + " (the watch service is closed): changes to the token are found only by polling");
    }

    @Test
    void aWatchServiceClosedBeforeARegistrationIsReplacedAtTheNext() throws Exception {
        // Given
        watch.register();
        services.get(0).close();
        watch.register();
        assertThat(watch.await(A_MOMENT)).isFalse();
        watch.register();
        Files.createFile(directory.resolve("token"));

        // When
        boolean changed = watch.await(AN_HOUR);

        // Then
        assertThat(changed).isTrue();
    }
}
