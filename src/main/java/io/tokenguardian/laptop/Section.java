package io.tokenguardian.laptop;

import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.tokenguardian.laptop.CrossCheck.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A section of a kubeconfig, such as {@code user "admin" in /home/me/.kube/config}. Its fields may be secrets. */
record Section(String name, Path file, Map<?, ?> fields) {
    /** The maximum size of a file, in bytes. Certificates, keys and tokens are far smaller. */
    private static final int MAX_BYTES = 1 << 20;

    /** The bits for the file type in a POSIX mode ({@code sys/stat.h} on Linux and macOS). */
    private static final int FILE_TYPE = 0170000;

    private static final int FIFO = 0010000;

    /** Whether {@code field} is set. Empty text and an empty list count as absent, as in client-go. */
    boolean has(String field) {
        Object value = fields.get(field);
        return value != null && !value.equals("") && !value.equals(List.of());
    }

    /** The text in {@code field}; null if it is absent or empty. */
    @Nullable
    String text(String field) throws FailedException {
        Object value = fields.get(field);
        if (value == null || value.equals("")) {
            return null;
        }
        if (value instanceof String text) {
            return text;
        }
        throw fault(field + " is not a string");
    }

    List<?> list(String field) throws FailedException {
        Object value = fields.get(field);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw fault(field + " is not a list");
    }

    boolean isTrue(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    @Nullable
    Section section(String field) throws FailedException {
        Object value = fields.get(field);
        if (value == null) {
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return new Section(field + " of " + name, file, map);
        }
        throw fault(field + " is not a map");
    }

    /** The content of {@code field-data}, which is base64, or of the file that {@code field} names; null if neither. */
    byte @Nullable [] bytes(String field) throws FailedException {
        String data = text(field + "-data");
        if (data != null) {
            try {
                return Base64.getMimeDecoder().decode(data);
            } catch (IllegalArgumentException e) {
                throw fault(field + "-data is not base64");
            }
        }
        String path = text(field);
        return path == null ? null : content(field, path(path));
    }

    private byte[] content(String field, Path path) throws FailedException {
        try {
            if (isFifo(path)) { // opening a FIFO would wait for a writer
                throw fault(field + " is the file " + path + ", which is a FIFO; allowed is a regular file");
            }
            byte[] content = read(path, MAX_BYTES);
            if (content.length > MAX_BYTES) {
                throw fault(field + " is the file " + path + ", which is larger than 1 MiB");
            }
            return content;
        } catch (IOException e) {
            String why = Files.exists(path) ? "which can't be read" : "which does not exist";
            throw fault(field + " is the file " + path + ", " + why);
        }
    }

    private static boolean isFifo(Path path) throws IOException {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix")
                && ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE) == FIFO;
    }

    /** Reads at most {@code most} + 1 bytes of a file. The extra byte shows that the file is too large. */
    static byte[] read(Path path, int most) throws IOException {
        try (InputStream input = Files.newInputStream(path)) {
            return input.readNBytes(most + 1);
        }
    }

    /** Resolves a path relative to the kubeconfig file. */
    Path path(String text) throws FailedException {
        try {
            return file.resolveSibling(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw fault("a path has a character that no path can have");
        }
    }

    /** @param what one line that states what is wrong and what is allowed */
    FailedException fault(String what) {
        return new FailedException(Failure.KUBECONFIG, name + ": " + what);
    }

    @Override
    public String toString() {
        return name;
    }
}
