package io.tokenguardian.vetted;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** The changes to a volume, one per method. The process may be killed after any of them. */
interface Disk {

    /** With exactly this mode; fails if the path exists. */
    void makeDirectory(Path path, Set<PosixFilePermission> mode) throws IOException;

    /** Flushes the file; fails if the path exists. No other user ever has more access than {@code mode} allows. */
    void makeFile(Path path, byte[] content, Set<PosixFilePermission> mode) throws IOException;

    void makeLink(Path link, Path target) throws IOException;

    /** Moves {@code from} to {@code to} atomically, replacing an existing file. */
    void replace(Path from, Path to) throws IOException;

    /** Deletes a file, a link or an empty directory, if it exists. */
    void delete(Path path) throws IOException;

    /** Flushes the entries of {@code directory} to the storage medium. */
    void sync(Path directory) throws IOException;
}
