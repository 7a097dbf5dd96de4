package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code token}, {@code ca.crt} and {@code namespace} as in-cluster clients look for them, with a token that is
 * accepted, or else with none.
 *
 * <p>What an earlier run has left there was accepted when it was written, and stays until this run knows anything: a
 * guardian that is restarted takes no token away from an app that runs.
 */
final class ServiceAccountDirectory implements Output {
    private static final String TOKEN = "token";
    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");

    private final Path path;
    private final AtomicDirectory directory;
    private final Path source;
    private final AuthorityBundle bundle;
    private final Access access;
    private final InstantSource wallClock;

    private boolean cleaned;
    private boolean decided;
    private @Nullable Token written;
    private byte[] writtenBundle = {};

    /**
     * @param source the file that the token is read from, whose mode bounds the copy's
     * @param wallClock the node's
     */
    ServiceAccountDirectory(
            Path path, Path source, AuthorityBundle bundle, Access access, Disk disk, InstantSource wallClock) {
        this.path = path;
        this.directory = new AtomicDirectory(path, disk, wallClock);
        this.source = source;
        this.bundle = bundle;
        this.access = access;
        this.wallClock = wallClock;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Outcome follow(Situation situation) throws IOException {
        if (!cleaned) {
            directory.clean();
            cleaned = true;
        }
        Token accepted = situation.acceptedToken();
        decided |= situation.isJudged();
        if (accepted == null) {
            return decided ? withdraw() : Outcome.WAITING;
        }
        try {
            publish(accepted);
        } catch (IOException e) {
            withdrawExpired(e);
            throw e;
        }
        return Outcome.WRITTEN;
    }

    private void publish(Token accepted) throws IOException {
        byte[] pem = bundle.pem();
        if (accepted.equals(written) && Arrays.equals(pem, writtenBundle)) {
            return;
        }
        List<AtomicDirectory.Entry> entries = new ArrayList<>();
        entries.add(new AtomicDirectory.Entry(
                TOKEN, accepted.bearer().getBytes(UTF_8), access.modeFor(source), access.group()));
        entries.add(new AtomicDirectory.Entry("ca.crt", pem, PUBLIC, null));
        accepted.claims()
                .homeNamespace()
                .map(namespace -> new AtomicDirectory.Entry("namespace", namespace.getBytes(UTF_8), PUBLIC, null))
                .ifPresent(entries::add);
        directory.write(entries);
        written = accepted;
        writtenBundle = pem;
    }

    private Outcome withdraw() throws IOException {
        directory.remove(TOKEN);
        written = null;
        return Outcome.WITHDRAWN;
    }

    /** While the next token can't be written the last one stays, for as long as it can be good. */
    private void withdrawExpired(IOException failure) {
        Instant expiresAt = written == null ? null : written.claims().expiresAt();
        if (expiresAt != null && !wallClock.instant().isBefore(expiresAt)) {
            try {
                withdraw();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
