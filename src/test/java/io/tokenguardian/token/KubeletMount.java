package io.tokenguardian.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A token volume with the same structure as kubelet's. {@code token} links to {@code ..data/token}, and {@code ..data}
 * links to a new directory for each write. A rename replaces the old link with the new one.
 */
public final class KubeletMount {
    private final Path directory;
    private int writings;
    private @Nullable Path current;

    /** Creates the directory if it is missing. It is empty until the first write. */
    public KubeletMount(Path directory) {
        this.directory = directory;
        run(() -> Files.createDirectories(directory));
    }

    public Path token() {
        return directory.resolve("token");
    }

    /** Replaces the token with this text. */
    public KubeletMount write(String text) {
        run(() -> {
            Path next = Files.createDirectory(directory.resolve("..2026_03_01_12_00_00." + ++writings));
            Files.writeString(next.resolve("token"), text);
            Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), next.getFileName());
            Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
            if (current == null) {
                Files.createSymbolicLink(token(), Path.of("..data", "token"));
            } else {
                delete(current);
            }
            current = next;
        });
        return this;
    }

    /** Removes the directory and its contents. */
    public void unmount() {
        run(() -> {
            Files.deleteIfExists(token());
            Files.deleteIfExists(directory.resolve("..data"));
            if (current != null) {
                delete(current);
                current = null;
            }
            Files.delete(directory);
        });
    }

    private static void delete(Path written) throws IOException {
        Files.delete(written.resolve("token"));
        Files.delete(written);
    }

    private static void run(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Step {
        void run() throws IOException;
    }
}
