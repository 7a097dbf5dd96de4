package io.tokenguardian.vetted;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A directory whose files change together, like those of kubelet's volumes (docs/api-server.md, kubelet's token
 * volume). At all times, even after the process has been killed, the links lead to complete files of one version.
 * Another program may write to the volume too, so a link that is not the guardian's is not followed.
 *
 * <pre>
 *   token  ──► ..data/token
 *   ..data ──► ..2026_03_01_12_00_00.123456789    renaming ..data_tmp to ..data switches to the next version
 * </pre>
 */
final class AtomicDirectory {
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Pattern VERSION_NAME = Pattern.compile("\\.\\.\\d{4}(_\\d\\d){5}\\.\\d+");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("'..'uuuu_MM_dd_HH_mm_ss.", Locale.ROOT).withZone(ZoneOffset.UTC);

    @SuppressWarnings("ArrayRecordComponent") // entries are never compared
    record VersionFile(String name, byte[] content, Set<PosixFilePermission> mode) {}

    private final Path directory;
    private final Path data;
    private final Path nextData;
    private final Disk disk;
    private final InstantSource timeline;

    AtomicDirectory(Path directory, Disk disk, InstantSource timeline) {
        this.directory = directory;
        this.data = directory.resolve("..data");
        this.nextData = directory.resolve("..data_tmp");
        this.disk = disk;
        this.timeline = timeline;
    }

    /** A failure before the switch to the new version leaves the previous files unchanged. */
    void write(List<VersionFile> entries) throws IOException {
        failIfLink(); // createDirectories of JDK 17.0.12 also fails for a link, but does not name the reason
        Files.createDirectories(directory);
        failIfForeignFileExists(entries);
        clean();
        Path version = directory.resolve(
                STAMP.format(timeline.instant()) + ThreadLocalRandom.current().nextInt(1_000_000_000));
        try {
            fill(version, entries);
            disk.makeLink(nextData, version.getFileName());
            link(entries);
            disk.replace(nextData, data);
        } catch (IOException e) {
            cleanAfter(e);
            throw e;
        }
        disk.sync(directory);
        clean();
    }

    private void fill(Path version, List<VersionFile> entries) throws IOException {
        disk.makeDirectory(version, MODE);
        for (VersionFile entry : entries) {
            disk.makeFile(version.resolve(entry.name()), new ByteArrayInputStream(entry.content()), entry.mode());
        }
        disk.sync(version);
    }

    /** Creates missing links. Until the switch, a new link leads nowhere, so that all new files appear together. */
    private void link(List<VersionFile> entries) throws IOException {
        for (VersionFile entry : entries) {
            Path visible = directory.resolve(entry.name());
            if (!Files.isSymbolicLink(visible)) {
                disk.makeLink(visible, target(entry.name()));
            }
        }
    }

    /** Fails if another program has created a file in the place of a link. Does not replace that file. */
    private void failIfForeignFileExists(List<VersionFile> entries) throws IOException {
        for (VersionFile entry : entries) {
            Path visible = directory.resolve(entry.name());
            boolean ours = Files.isSymbolicLink(visible)
                    && Files.readSymbolicLink(visible).equals(target(entry.name()));
            if (!ours && Files.exists(visible, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(visible.toString(), null, "already exists, and is not the guardian's");
            }
        }
    }

    private static Path target(String name) {
        return Path.of("..data", name);
    }

    /** Needs no space on the volume. The link stays, and leads nowhere until the next write. */
    void remove(String name) throws IOException {
        failIfLink();
        Path version = current();
        if (version != null) {
            disk.delete(version.resolve(name));
        }
    }

    /** Removes what an unfinished write, of this run or an earlier one, has left behind. */
    void clean() throws IOException {
        failIfLink();
        if (!Files.isDirectory(directory)) {
            return;
        }
        disk.delete(nextData);
        Path current = current();
        for (Path entry : list(directory)) {
            if (isVersionName(entry.getFileName()) && !entry.equals(current)) {
                if (isRealDirectory(entry)) {
                    for (Path file : list(entry)) {
                        disk.delete(file);
                    }
                }
                disk.delete(entry);
            }
        }
    }

    /** Returns the directory of the current version; null if none, or if a link leads out of this directory. */
    private @Nullable Path current() throws IOException {
        Path name = Files.isSymbolicLink(data) ? Files.readSymbolicLink(data) : null;
        if (name == null || !isVersionName(name)) {
            return null;
        }
        Path version = directory.resolve(name);
        return isRealDirectory(version) ? version : null;
    }

    private static boolean isVersionName(Path name) {
        return VERSION_NAME.matcher(name.toString()).matches();
    }

    private static boolean isRealDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private void failIfLink() throws IOException {
        if (Files.isSymbolicLink(directory)) {
            throw new FileSystemException(directory.toString(), null, "is a symbolic link, and is not followed");
        }
    }

    private void cleanAfter(IOException failure) {
        try {
            clean();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }
}
