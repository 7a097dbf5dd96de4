package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code token}, {@code ca.crt} and {@code namespace} as in-cluster clients look for them, with a token that is
 * accepted, or else with none.
 */
final class ServiceAccountDirectory implements Output, Vetting.Place {
    private static final String TOKEN = "token";
    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");

    private final Path path;
    private final AtomicDirectory directory;
    private final Path source;
    private final AuthorityBundle bundle;
    private final Access access;
    private final Vetting vetting;

    private boolean cleaned;
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
        this.vetting = new Vetting(this, wallClock);
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
        return vetting.follow(situation);
    }

    @Override
    public void publish(Token accepted, @Nullable Token written) throws IOException {
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
        writtenBundle = pem;
    }

    @Override
    public void withdraw() throws IOException {
        directory.remove(TOKEN);
    }
}
