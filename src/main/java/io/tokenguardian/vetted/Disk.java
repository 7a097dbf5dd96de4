package io.tokenguardian.vetted;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The changes that are made to a volume, one at a time: after any of them the process may be killed. */
interface Disk {

    /** Makes a directory with exactly this mode; fails where something is already. */
    void makeDirectory(Path path, Set<PosixFilePermission> mode) throws IOException;

    /**
     * Makes a file, which is on the medium afterwards. At no time is it open to more than {@code mode} says.
     *
     * @param group whose it becomes; null leaves it to the file system
     */
    void makeFile(Path path, byte[] content, Set<PosixFilePermission> mode, @Nullable GroupPrincipal group)
            throws IOException;

    void makeLink(Path link, Path target) throws IOException;

    /** Puts {@code from} into the place of {@code to} in one step. */
    void replace(Path from, Path to) throws IOException;

    /** Deletes a file, a link or an empty directory; what is not there is no failure. */
    void delete(Path path) throws IOException;

    /** Has the entries of {@code directory} on the medium. */
    void sync(Path directory) throws IOException;
}
