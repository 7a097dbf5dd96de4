package io.tokenguardian.vetted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may read a token that is written.
 *
 * @param mode what was asked for, taken as it is; null for 0640 without what the source's own mode does not allow
 * @param group whose it becomes; null leaves that to the file system, which in a pod with {@code fsGroup} means that group
 */
public record Access(
        @Nullable Set<PosixFilePermission> mode, @Nullable GroupPrincipal group) {

    static final Set<PosixFilePermission> WIDEST_UNASKED = PosixFilePermissions.fromString("rw-r-----");

    /** For a copy of the token in {@code source}. */
    Set<PosixFilePermission> modeFor(Path source) throws IOException {
        if (mode != null) {
            return mode;
        }
        Set<PosixFilePermission> narrowest =
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        Set<PosixFilePermission> common = EnumSet.copyOf(WIDEST_UNASKED);
        common.retainAll(Files.getPosixFilePermissions(source));
        // Its owner is this process, whoever owns the source.
        common.addAll(narrowest);
        return common;
    }
}
