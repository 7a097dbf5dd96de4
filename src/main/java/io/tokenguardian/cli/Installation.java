package io.tokenguardian.cli;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.tokenguardian.vetted.FileSystemDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

    /** Creates {@code file} with the executable's content. Follows no link that another program puts in its place. */
    private void copyInto(Path file) throws IOException {
        try (InputStream from = Files.newInputStream(executable);
                FileChannel made =
                        FileChannel.open(file, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(MODE))) {
            from.transferTo(Channels.newOutputStream(made));
            FileSystemDisk.setMode(file, MODE);
            made.force(true);
        }
    }

    /** Returns the reason. A write error, such as one from a failing disk, has a message but no reason. */
    private static String reason(IOException e, Path written) {
        if (e instanceof FileSystemException named) {
            return named.getFile() + ": " + (named.getReason() == null ? reason(named) : named.getReason());
        }
        return e.getMessage() == null ? written.toString() : written + ": " + e.getMessage();
    }

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
