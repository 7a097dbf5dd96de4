package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.token.Token;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The copy of an audience token. */
final class TokenCopy extends TokenPublisher {
    private final Path path;
    private final Path source;
    private final FileAccess access;
    private final AtomicFile file;

    TokenCopy(Path path, Path source, FileAccess access, Disk disk, InstantSource timeline) {
        super(path, VettedSettings.TokenContent.ACCEPTED, timeline);
        this.path = path;
        this.source = source;
        this.access = access;
        this.file = new AtomicFile(path, disk);
    }

    @Override
    void publish(Token accepted, @Nullable Token written) throws IOException {
        if (!accepted.equals(written)) {
            file.write(new ByteArrayInputStream(accepted.bearer().getBytes(UTF_8)), access.modeFor(source));
        }
    }

    @Override
    boolean holdsToken() {
        return Files.isRegularFile(path);
    }

    @Override
    void withdraw() throws IOException {
        file.remove();
    }
}
