package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The service-account directory that in-cluster clients expect. {@link TokenPublisher} chooses its token. */
final class ServiceAccountDirectory extends TokenPublisher {
    static final String TOKEN = "token";
    static final String CA = "ca.crt";
    static final String NAMESPACE = "namespace";

    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");

    private final Path path;
    private final AtomicDirectory directory;
    private final Path source;
    private final CaBundle bundle;
    private final VettedSettings.TokenContent content;
    private final FileAccess access;

    private boolean cleaned;
    private byte[] writtenBundle = {};

    /** @param source the token's file, whose mode limits the default mode of the copy ({@link FileAccess}) */
    ServiceAccountDirectory(
            Path path,
            Path source,
            CaBundle bundle,
            VettedSettings.TokenContent content,
            FileAccess access,
            Disk disk,
            InstantSource timeline) {
        super(path, content, timeline);
        this.path = path;
        this.directory = new AtomicDirectory(path, disk, timeline);
        this.source = source;
        this.bundle = bundle;
        this.content = content;
        this.access = access;
    }

    @Override
    WriteOutcome update(TokenStatus tokenStatus) throws IOException {
        if (!cleaned) {
            directory.clean();
            cleaned = true;
        }
        return super.update(tokenStatus);
    }

    @Override
    void publish(Token token, @Nullable Token written) throws IOException {
        byte[] pem = bundle.pem();
        if (token.equals(written) && Arrays.equals(pem, writtenBundle)) {
            return;
        }
        List<AtomicDirectory.VersionFile> entries = new ArrayList<>();
        entries.add(new AtomicDirectory.VersionFile(TOKEN, content.text(token).getBytes(UTF_8), tokenMode()));
        entries.add(new AtomicDirectory.VersionFile(CA, pem, PUBLIC));
        token.claims()
                .serviceAccountNamespace()
                .map(namespace -> new AtomicDirectory.VersionFile(NAMESPACE, namespace.getBytes(UTF_8), PUBLIC))
                .ifPresent(entries::add);
        directory.write(entries);
        writtenBundle = pem;
    }

    /** Any user may read a placeholder. */
    private Set<PosixFilePermission> tokenMode() throws IOException {
        boolean isPublic = content == VettedSettings.TokenContent.PLACEHOLDER && access.mode() == null;
        return isPublic ? PUBLIC : access.modeFor(source);
    }

    @Override
    boolean holdsToken() {
        return Files.isRegularFile(path.resolve(TOKEN));
    }

    @Override
    void withdraw() throws IOException {
        directory.remove(TOKEN);
    }
}
