package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The copy of an audience token. It follows the rules of {@link TokenPublisher}. */
final class TokenCopy implements VettedOutput, TokenPublisher.Target {
    private final Path path;
    private final Path source;
    private final FileAccess access;
    private final AtomicFile file;
    private final TokenPublisher publisher;

    TokenCopy(Path path, Path source, FileAccess access, Disk disk, InstantSource timeline) {
        this.path = path;
        this.source = source;
        this.access = access;
        this.file = new AtomicFile(path, disk);
        this.publisher = new TokenPublisher(this, VettedSettings.TokenContent.ACCEPTED, timeline);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public WriteOutcome update(TokenStatus tokenStatus) throws IOException {
        return publisher.update(tokenStatus);
    }

    @Override
    public void publish(Token accepted, @Nullable Token written) throws IOException {
        if (!accepted.equals(written)) {
            file.write(accepted.bearer().getBytes(UTF_8), access.modeFor(source));
        }
    }

    @Override
    public boolean holdsToken() {
        return Files.isRegularFile(path);
    }

    @Override
    public void withdraw() throws IOException {
        file.remove();
    }
}
