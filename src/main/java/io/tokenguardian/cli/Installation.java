package io.tokenguardian.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A copy of an executable that appears whole or not at all, with mode 0755.
 *
 * @param executable what is copied
 */
record Installation(Path executable) {
    static final String NAME = "token-guardian";

    /**
     * Copies it, in place of an earlier copy if there is one; a process that runs that one goes on.
     *
     * @return the copy
     * @throws IOException one line that names the file
     */
    Path into(Path directory) throws IOException {
        Path next = directory.resolve("." + NAME + ".tmp");
        try {
            Files.createDirectories(directory);
            Files.copy(executable, next, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rwxr-xr-x"));
            try (FileChannel copied = FileChannel.open(next, StandardOpenOption.WRITE)) {
                copied.force(true);
            }
            return Files.move(next, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            Files.deleteIfExists(next);
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new IOException("can't copy to " + directory.resolve(NAME) + ": " + e.getFile() + ": " + reason, e);
        }
    }
}
