package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** One file with a further token that is accepted, or no file. */
final class TokenCopy implements Output, Vetting.Place {
    private final Path path;
    private final Path source;
    private final Access access;
    private final AtomicFile file;
    private final Vetting vetting;

    /**
     * @param source the file that the token is read from, whose mode bounds the copy's
     * @param wallClock the node's
     */
    TokenCopy(Path path, Path source, Access access, Disk disk, InstantSource wallClock) {
        this.path = path;
        this.source = source;
        this.access = access;
        this.file = new AtomicFile(path, disk);
        this.vetting = new Vetting(this, wallClock);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Outcome follow(Situation situation) throws IOException {
        return vetting.follow(situation);
    }

    @Override
    public void publish(Token accepted, @Nullable Token written) throws IOException {
        if (!accepted.equals(written)) {
            file.write(accepted.bearer().getBytes(UTF_8), access.modeFor(source), access.group());
        }
    }

    @Override
    public void withdraw() throws IOException {
        file.remove();
    }
}
