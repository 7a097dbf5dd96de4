package io.tokenguardian.it;

import io.tokenguardian.Needed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A root directory for a program that shares only the network with this machine. Contains the native executable, and
 * the files that a test adds.
 */
final class ForeignRoot {
    private static final String EXECUTABLE = "/token-guardian";

    private static final int PROGRAM_HEADERS_AT = 32;
    private static final int SIZE_AT = 54;
    private static final int COUNT_AT = 56;
    private static final int NEEDS_INTERPRETER = 3;

    private final Path directory;

    private ForeignRoot(Path directory) {
        this.directory = directory;
    }

    /**
     * Creates a root directory that contains only the executable. Skips or fails the test if the executable is not
     * static or the user is not root.
     */
    static ForeignRoot empty(Path directory) throws IOException {
        Path executable = Path.of(System.getProperty("native.image.path"));
        Needed.isThere(isStatic(executable), "a fully static executable, as native.linking has it on amd64");
        Needed.isThere("root".equals(System.getProperty("user.name")), "root, for chroot and unshare");
        Files.createDirectories(directory);
        Files.copy(executable, directory.resolve(EXECUTABLE.substring(1)));
        return new ForeignRoot(directory);
    }

    /** Adds a static busybox as the shell and its programs, without a libc. */
    ForeignRoot withBusybox() throws IOException {
        Path busybox = Path.of(Needed.onPath("busybox", "busybox-static"));
        Needed.isThere(isStatic(busybox), "apt-get install busybox-static");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Files.copy(busybox, bin.resolve("busybox"));
        for (String name : List.of("sh", "echo", "sleep")) {
            Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
        }
        return this;
    }

    ForeignRoot with(String file, String content) throws IOException {
        Path path = directory.resolve(file.substring(1));
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        return this;
    }

    Path directory() {
        return directory;
    }

    /**
     * Returns the command that runs the executable in this root, with {@code /proc} and {@code /dev} as in a container.
     */
    List<String> command() throws IOException {
        Files.createDirectories(directory.resolve("proc"));
        Files.createDirectories(directory.resolve("dev"));
        String mount = "mount -t proc proc \"$0/proc\" && mount --bind /dev \"$0/dev\" && exec chroot \"$0\" \"$@\"";
        return List.of(
                Needed.onPath("unshare", "util-linux"), "--mount", "sh", "-c", mount, directory.toString(), EXECUTABLE);
    }

    /** Whether a 64-bit ELF file names no dynamic linker. */
    private static boolean isStatic(Path executable) throws IOException {
        try (FileChannel file = FileChannel.open(executable)) {
            ByteBuffer header = read(file, 0, COUNT_AT + Short.BYTES);
            long at = header.getLong(PROGRAM_HEADERS_AT);
            for (int i = 0; i < header.getShort(COUNT_AT); i++) {
                if (read(file, at + i * (long) header.getShort(SIZE_AT), Integer.BYTES)
                                .getInt(0)
                        == NEEDS_INTERPRETER) {
                    return false;
                }
            }
            return true;
        }
    }

    private static ByteBuffer read(FileChannel file, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.read(bytes, position);
        return bytes;
    }
}
