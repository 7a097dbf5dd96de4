package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The service-account directory that in-cluster clients expect, kept up to date (docs/decisions/vetted.md). It holds a
 * token, a placeholder, which is not a token, or neither. The rules also apply to a token that an earlier run wrote.
 */
final class ServiceAccountDirectory extends VettedOutput {
    static final String TOKEN = "token";
    static final String CA = "ca.crt";
    static final String NAMESPACE = "namespace";

    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");

    /** How long a token remains in the directory while no replica accepts any token. */
    static final Duration DEAD_FOR = Duration.ofSeconds(30);

    private final Path path;
    private final AtomicDirectory directory;
    private final Path source;
    private final CaBundle bundle;
    private final VettedSettings.TokenContent content;
    private final FileAccess access;
    private final InstantSource timeline;

    private boolean cleaned;
    private byte[] writtenBundle = {};
    private @Nullable Token written;
    private boolean held;

    /** Since when no replica has accepted any token, by the responses so far; null if a replica accepts a token. */
    private @Nullable Instant deadSince;

    /** Whether the last write or withdrawal failed, so that the directory may not hold {@link #written}. */
    private boolean unsure;

    /** @param source the token's file, whose mode limits the default mode of the copy ({@link FileAccess}) */
    ServiceAccountDirectory(
            Path path,
            Path source,
            CaBundle bundle,
            VettedSettings.TokenContent content,
            FileAccess access,
            Disk disk,
            InstantSource timeline) {
        super(path);
        this.path = path;
        this.directory = new AtomicDirectory(path, disk, timeline);
        this.source = source;
        this.bundle = bundle;
        this.content = content;
        this.access = access;
        this.timeline = timeline;
    }

    @Override
    WriteOutcome update(TokenStatus tokenStatus) throws IOException {
        if (!cleaned) {
            directory.clean();
            cleaned = true;
        }
        held |= holdsToken();
        Token token = tokenOf(tokenStatus);
        if (token == null) {
            return withoutToken(tokenStatus);
        }
        deadSince = null;
        byte[] pem = bundle.pem();
        if (unsure || !token.equals(written) || !Arrays.equals(pem, writtenBundle)) {
            write(token, pem);
        }
        return WriteOutcome.WRITTEN;
    }

    private @Nullable Token tokenOf(TokenStatus tokenStatus) {
        Token token = content.tokenOf(tokenStatus);
        return token == null && held ? tokenStatus.usableToken() : token;
    }

    private void write(Token token, byte[] pem) throws IOException {
        List<AtomicDirectory.VersionFile> entries = new ArrayList<>();
        entries.add(new AtomicDirectory.VersionFile(TOKEN, content.text(token).getBytes(UTF_8), tokenMode()));
        entries.add(new AtomicDirectory.VersionFile(CA, pem, PUBLIC));
        token.claims()
                .serviceAccountNamespace()
                .map(namespace -> new AtomicDirectory.VersionFile(NAMESPACE, namespace.getBytes(UTF_8), PUBLIC))
                .ifPresent(entries::add);
        unsure = true;
        directory.write(entries);
        unsure = false;
        written = token;
        writtenBundle = pem;
    }

    /** Any user may read a placeholder. */
    private Set<PosixFilePermission> tokenMode() throws IOException {
        boolean isPublic = content == VettedSettings.TokenContent.PLACEHOLDER && access.mode() == null;
        return isPublic ? PUBLIC : access.modeFor(source);
    }

    /** Whether this run or an earlier run wrote the token. */
    private boolean holdsToken() {
        return Files.isRegularFile(path.resolve(TOKEN));
    }

    private WriteOutcome withoutToken(TokenStatus tokenStatus) throws IOException {
        if (content == VettedSettings.TokenContent.PLACEHOLDER) {
            return stays();
        }
        if (!holdsToken() && (unsure || tokenStatus.isJudged())) {
            return withdrawn();
        }
        return isDead(tokenStatus) ? withdrawn() : stays();
    }

    private WriteOutcome stays() {
        return written == null ? WriteOutcome.WAITING : WriteOutcome.WRITTEN;
    }

    /** Time before the token has been judged does not count, so a silent API server causes no withdrawal. */
    private boolean isDead(TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        if (tokenStatus.isJudged() && deadSince == null) {
            deadSince = now;
        }
        return deadSince != null && !now.isBefore(deadSince.plus(DEAD_FOR));
    }

    private WriteOutcome withdrawn() throws IOException {
        unsure = true;
        directory.remove(TOKEN);
        unsure = false;
        written = null;
        return WriteOutcome.WITHDRAWN;
    }
}
