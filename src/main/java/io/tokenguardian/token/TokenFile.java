package io.tokenguardian.token;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** The token file: at most 64 KiB of ASCII text. Each {@link #read()} opens it again, because kubelet replaces it. */
public final class TokenFile {

    /** In bytes. Real tokens are one or two thousand bytes long. */
    static final int LIMIT = 64 * 1024;

    private static final int ATTEMPTS = 3;

    private final Path path;
    private final Opener opener;

    /** If the file still contains this token, the token is not parsed again. */
    private volatile @Nullable Token last;

    public TokenFile(Path path) {
        this(path, Files::newInputStream);
    }

    TokenFile(Path path, Opener opener) {
        this.path = path;
        this.opener = opener;
    }

    /** Opens a file that is known to be a regular file no larger than {@link #LIMIT}. */
    interface Opener {
        InputStream open(Path path) throws IOException;
    }

    /** The attributes that change when the file is replaced. */
    private record Version(@Nullable Object fileKey, FileTime writtenAt, long size) {
        static Version of(BasicFileAttributes attributes) {
            return new Version(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        }
    }

    public Path path() {
        return path;
    }

    /** The parent of the path, without following links. */
    Path mount() {
        Path absolute = path.toAbsolutePath();
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    /** Does not throw. If the file is replaced meanwhile, reads again, so that the token and its write time match. */
    public TokenReading read() {
        TokenReading outcome = unreadable("keeps changing while it is read");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                TokenReading reading = readOnce();
                if (reading != null) {
                    return reading;
                }
            } catch (NoSuchFileException e) {
                // kubelet may have just removed the directory that ..data pointed to, so the file is read again.
                outcome = unreadable(explainAbsence());
            } catch (IOException e) {
                return unreadable(explain(e));
            }
        }
        return outcome;
    }

    /** Returns null if the file changed during the read. */
    private @Nullable TokenReading readOnce() throws IOException {
        BasicFileAttributes attributes = attributes();
        if (attributes.isDirectory()) {
            return unreadable("is a directory");
        }
        if (!attributes.isRegularFile()) {
            // not opened, because opening a FIFO blocks until another process opens it for writing
            return unreadable("is not a regular file");
        }
        if (attributes.size() > LIMIT) {
            return unreadable("is larger than 64 KiB");
        }
        byte[] content;
        try (InputStream in = opener.open(path)) {
            content = in.readNBytes(LIMIT + 1);
        }
        if (!Version.of(attributes()).equals(Version.of(attributes))) {
            return null;
        }
        return parse(content, attributes.lastModifiedTime());
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    private TokenReading parse(byte[] content, FileTime writtenAt) {
        // some file systems report a size of 0 for a file that has content
        if (content.length > LIMIT) {
            return unreadable("is larger than 64 KiB");
        }
        for (byte each : content) {
            if (each < 0) {
                return unreadable("is not text: it contains non-ASCII bytes");
            }
        }
        String text = new String(content, StandardCharsets.US_ASCII);
        if (text.isBlank()) {
            return unreadable("is empty");
        }
        try {
            return new TokenReading.Present(token(text), writtenAt.toInstant());
        } catch (TokenFormatException e) {
            return unreadable("holds no service-account token: " + e.getMessage());
        }
    }

    private Token token(String text) throws TokenFormatException {
        Token known = last;
        if (known != null && known.bearer().equals(text.strip())) {
            return known;
        }
        Token parsed = Token.parse(text);
        last = parsed;
        return parsed;
    }

    private String explain(IOException e) {
        if (e instanceof AccessDeniedException) {
            // The mode is 0600 if all containers run as the same user, 0640 with fsGroup, and 0644 otherwise.
            return "may not be read by this container's user;"
                    + " fsGroup in the pod's securityContext gives the group access";
        }
        if (isMountNotADirectory()) {
            return "cannot be read: " + mount() + " is not a directory";
        }
        String reason = e instanceof FileSystemException fileSystem ? fileSystem.getReason() : e.getMessage();
        return "cannot be read: " + (reason == null ? e.getClass().getSimpleName() : reason);
    }

    private String explainAbsence() {
        if (isMountNotADirectory()) {
            return "cannot be read: " + mount() + " is not a directory";
        }
        if (!Files.isDirectory(mount())) {
            return "does not exist, nor does its directory " + mount() + ": is the volume mounted?";
        }
        if (!Files.isSymbolicLink(path)) {
            return "does not exist";
        }
        try {
            return "is a symbolic link to " + Files.readSymbolicLink(path) + ", which does not exist";
        } catch (IOException e) {
            return "is a symbolic link to a file that does not exist";
        }
    }

    /** In this case, JDK 25 reports a missing file, whereas JDK 17 reports another I/O error. */
    private boolean isMountNotADirectory() {
        return Files.exists(mount()) && !Files.isDirectory(mount());
    }

    private TokenReading unreadable(String reason) {
        return new TokenReading.Unreadable("token file " + path + " " + reason);
    }
}
