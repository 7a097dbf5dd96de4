package io.tokenguardian.vetted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The mode of a written token file, whose group is the file system's default ({@code fsGroup} in a pod that sets it).
 * If {@code mode} is null, the mode is 0640, limited by the mode of the token's file.
 */
public record FileAccess(@Nullable Set<PosixFilePermission> mode) {

    static final Set<PosixFilePermission> DEFAULT_MODE = PosixFilePermissions.fromString("rw-r-----");

    Set<PosixFilePermission> modeFor(Path source) throws IOException {
        if (mode != null) {
            return mode;
        }
        Set<PosixFilePermission> ownerReadWrite =
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        Set<PosixFilePermission> allowed = EnumSet.copyOf(DEFAULT_MODE);
        allowed.retainAll(Files.getPosixFilePermissions(source));
        // The copy belongs to this process, even if the source does not.
        allowed.addAll(ownerReadWrite);
        return allowed;
    }
}
