package io.tokenguardian.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Installs a copy of an executable, with mode 0755. The copy appears either complete or not at all.
 *
 * @param executable the file to copy
 */
record Installation(Path executable) {
    static final String NAME = "token-guardian";

    /**
     * Copies the executable, replacing any earlier copy. A process that runs the earlier copy is not affected.
     *
     * @return the copy
     * @throws IOException with a one-line message that names the file
     */
    Path copyTo(Path directory) throws IOException {
        Path next = directory.resolve("." + NAME + ".tmp");
        try {
            Files.createDirectories(directory);
            Files.copy(executable, next, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rwxr-xr-x"));
            try (FileChannel copied = FileChannel.open(next, StandardOpenOption.WRITE)) {
                copied.force(true);
            }
            return Files.move(next, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            IOException failure =
                    new IOException("can't copy to " + directory.resolve(NAME) + ": " + reason(e, next), e);
            try {
                Files.deleteIfExists(next);
            } catch (IOException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    /** Returns the reason. A write error, such as one from a failing disk, has a message but no reason. */
    private static String reason(IOException e, Path written) {
        if (e instanceof FileSystemException named) {
            return named.getFile() + ": " + (named.getReason() == null ? reason(named) : named.getReason());
        }
        return e.getMessage() == null ? written.toString() : written + ": " + e.getMessage();
    }

    /** If an exception contains no reason, derives the reason from its type. */
    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "the directory does not exist and can't be created";
        } else if (e instanceof AccessDeniedException) {
            return "permission denied";
        } else if (e instanceof FileAlreadyExistsException) {
            return "it is not a directory";
        }
        return e.getClass().getSimpleName();
    }
}
