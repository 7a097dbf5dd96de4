package io.tokenguardian.cli;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.tokenguardian.vetted.Disk;
import io.tokenguardian.vetted.WriteError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Installs a copy of an executable, with mode 0755. The copy appears either complete or not at all. */
record Installation(Path executable) {
    static final String NAME = "token-guardian";

    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    /** Replaces any earlier copy, even while it runs. An exception's message is one line that names the file. */
    Path copyTo(Path directory) throws IOException {
        Path next = directory.resolve("." + NAME + ".tmp");
        try {
            Files.createDirectories(directory);
            Files.deleteIfExists(next); // may have been left behind by a run that was killed
            copyInto(next);
            return Files.move(next, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            IOException failure = new IOException(WriteError.of(directory.resolve(NAME), e), e);
            try {
                Files.deleteIfExists(next);
            } catch (IOException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    /** Creates {@code file} with the executable's content. Follows no link that another program puts in its place. */
    private void copyInto(Path file) throws IOException {
        try (InputStream from = Files.newInputStream(executable);
                FileChannel made =
                        FileChannel.open(file, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(MODE))) {
            from.transferTo(Channels.newOutputStream(made));
            Disk.setMode(file, MODE);
            made.force(true);
        }
    }
}
