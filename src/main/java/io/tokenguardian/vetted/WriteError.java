package io.tokenguardian.vetted;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** The reason a file can't be written, in one line for a person. */
final class WriteError {
    private WriteError() {}

    static String of(Path output, IOException failure) {
        return output + " can't be written: " + reason(failure);
    }

    private static String reason(IOException failure) {
        if (!(failure instanceof FileSystemException file)) {
            return String.valueOf(failure.getMessage());
        }
        if (failure instanceof AccessDeniedException) {
            return file.getFile() + " is not writable for this container's user; fsGroup in the pod's securityContext"
                    + " gives it access to an emptyDir";
        }
        if (failure instanceof FileAlreadyExistsException || failure instanceof NotDirectoryException) {
            return file.getFile() + " already exists, and is not a directory";
        }
        String reason = file.getReason();
        if (reason == null) {
            return file.getFile() + ": " + failure.getClass().getSimpleName();
        }
        return file.getFile() + ": " + reason;
    }
}
