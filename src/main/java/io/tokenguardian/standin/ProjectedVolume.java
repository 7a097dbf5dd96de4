package io.tokenguardian.standin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A service-account volume with the same structure as kubelet's. {@code token}, {@code ca.crt} and {@code namespace}
 * are symlinks through {@code ..data} into a timestamped directory. A rotation replaces {@code ..data} with a single
 * rename (docs/api-server.md, kubelet's token volume).
 */
public final class ProjectedVolume {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** The number that follows the time in the directory's name. kubelet uses a random number. */
    private static final AtomicLong SERIAL = new AtomicLong(1_000_000_000L);

    private final Path directory;
    private final Map<String, String> contents = new LinkedHashMap<>();

    private ProjectedVolume(Path directory) {
        this.directory = directory;
    }

    /** Creates the volume at {@code directory}; its files have mode 0644. Replaces an existing volume there. */
    public static ProjectedVolume create(Path directory, String token, String caPem, String namespace)
            throws IOException {
        Files.createDirectories(directory);
        ProjectedVolume volume = new ProjectedVolume(directory);
        volume.contents.put("token", token);
        volume.contents.put("ca.crt", caPem);
        volume.contents.put("namespace", namespace);
        volume.write();
        return volume;
    }

    public Path directory() {
        return directory;
    }

    public Path token() {
        return directory.resolve("token");
    }

    public Path ca() {
        return directory.resolve("ca.crt");
    }

    public Path namespace() {
        return directory.resolve("namespace");
    }

    /** Rotates the token as kubelet does. Does nothing if the token is unchanged. */
    public synchronized void rotate(String token) throws IOException {
        rotate(Map.of("token", token));
    }

    /** Rotates the token and the CA together. */
    public synchronized void rotate(String token, String caPem) throws IOException {
        rotate(Map.of("token", token, "ca.crt", caPem));
    }

    private void rotate(Map<String, String> changed) throws IOException {
        boolean same =
                changed.entrySet().stream().allMatch(file -> file.getValue().equals(contents.get(file.getKey())));
        if (!same) {
            contents.putAll(changed);
            write();
        }
    }

    /** Writes all files in the same steps as kubelet's AtomicWriter. */
    private void write() throws IOException {
        Path data = directory.resolve("..data");
        Path before = Files.isSymbolicLink(data) ? directory.resolve(Files.readSymbolicLink(data)) : null;
        Path after = directory.resolve(STAMP.format(Instant.now()) + "." + SERIAL.incrementAndGet());
        Files.createDirectory(after);
        Files.setPosixFilePermissions(after, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Map.Entry<String, String> file : contents.entrySet()) {
            Path path = Files.writeString(after.resolve(file.getKey()), file.getValue());
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        }
        Path next = directory.resolve("..data_tmp");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, after.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        for (String name : contents.keySet()) {
            Path visible = directory.resolve(name);
            if (!Files.isSymbolicLink(visible)) {
                Files.createSymbolicLink(visible, Path.of("..data", name));
            }
        }
        if (before != null) {
            delete(before);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.isDirectory(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
