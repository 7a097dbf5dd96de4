package io.tokenguardian.vetted;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A disk on which the process can be killed after a number of changes, and on which operations can fail. */
final class BreakingDisk extends Disk {
    private int left = Integer.MAX_VALUE;

    /** The system's error for each call that needs space; null while space is left. */
    @Nullable
    String fault;

    /** The directory whose sync fails; null for none. */
    @Nullable
    Path unsynced;

    /** Simulates SIGKILL, after which the program's code changes nothing. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    BreakingDisk killAfter(int changes) {
        left = changes;
        return this;
    }

    private void change() {
        if (left == 0) {
            throw new Killed();
        }
        left--;
    }

    private void make(Path path) throws IOException {
        change();
        if (fault != null) {
            throw new FileSystemException(path.toString(), null, fault);
        }
    }

    @Override
    void makeDirectory(Path path, Set<PosixFilePermission> mode) throws IOException {
        make(path);
        super.makeDirectory(path, mode);
    }

    @Override
    void makeFile(Path path, InputStream content, Set<PosixFilePermission> mode) throws IOException {
        make(path);
        byte[] bytes = content.readAllBytes();
        Files.write(path, Arrays.copyOf(bytes, bytes.length / 2));
        change();
        Files.delete(path);
        super.makeFile(path, new ByteArrayInputStream(bytes), mode);
    }

    @Override
    void makeLink(Path link, Path target) throws IOException {
        make(link);
        super.makeLink(link, target);
    }

    @Override
    void replace(Path from, Path to) throws IOException {
        change();
        super.replace(from, to);
    }

    @Override
    void delete(Path path) throws IOException {
        change();
        super.delete(path);
    }

    @Override
    void sync(Path directory) throws IOException {
        change();
        if (directory.equals(unsynced)) {
            throw new FileSystemException(directory.toString(), null, "Input/output error");
        }
        super.sync(directory);
    }
}
