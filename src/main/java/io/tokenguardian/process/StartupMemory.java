package io.tokenguardian.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.nativeimage.RuntimeOptions;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;
import org.jboss.logging.Logger;

/**
 * Releases the memory that a native executable needed only for its startup, mostly its own pages: the kernel maps 64
 * KiB around each touched page until the process ends. Released pages remain in the page cache, and are mapped again
 * without a disk read.
 */
public final class StartupMemory {
    private static final Logger LOG = Logger.getLogger(StartupMemory.class);
    private static final Path SMAPS = Path.of("/proc/self/smaps");
    private static final Path EXECUTABLE = Path.of("/proc/self/exe");

    /** After a mapping's addresses, permissions, offset, device and inode. */
    private static final int FILE = 5;

    /** GraalVM's option for the maximum free memory to keep after a garbage collection, in bytes. */
    private static final String MOST_FREE = "MaxHeapFree";

    private static final long NO_LIMIT = 0;

    private static final String IN_MEMORY = "Anonymous:";
    private static final String SWAPPED_OUT = "Swap:";

    /** A part of the address space. {@code to} is the first address after it. */
    record Range(long from, long to) {}

    private StartupMemory() {}

    /** This takes about 5 ms. Pages that can't be released remain mapped. */
    public static void release() {
        if (!"runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"))) {
            return;
        }
        collectGarbage();
        try (Stream<String> lines = Files.lines(SMAPS)) {
            unchangedMappings(lines, Files.readSymbolicLink(EXECUTABLE).toString())
                    .forEach(Libc::giveBack);
        } catch (IOException | UncheckedIOException e) {
            LOG.debugf("The memory pages used at startup stay mapped: %s", e.getMessage());
        }
    }

    /** Returns the free memory to the system. By default, the collector would keep it for new objects. */
    private static void collectGarbage() {
        RuntimeOptions.set(MOST_FREE, 1L);
        try {
            System.gc();
        } finally {
            RuntimeOptions.set(MOST_FREE, NO_LIMIT);
        }
    }

    /**
     * Returns the unchanged read-only mappings of {@code executable} (proc_pid_smaps(5)). If the dynamic linker has
     * filled in and then protected a mapping, its content exists only in memory or in swap.
     */
    static List<Range> unchangedMappings(Stream<String> smaps, String executable) {
        List<Range> ranges = new ArrayList<>();
        List<Range> last = new ArrayList<>(1);
        smaps.forEach(line -> {
            String[] words = line.split(" +", FILE + 1);
            if (words[0].indexOf('-') > 0) {
                last.clear();
                if (words.length > FILE && words[FILE].equals(executable) && words[1].charAt(1) == '-') {
                    last.add(range(words[0]));
                }
            } else if (words[0].equals(IN_MEMORY) && !words[1].equals("0")) {
                last.clear();
            } else if (words[0].equals(SWAPPED_OUT) && words[1].equals("0")) {
                ranges.addAll(last);
            }
        });
        return ranges;
    }

    private static Range range(String addresses) {
        int dash = addresses.indexOf('-');
        return new Range(
                Long.parseUnsignedLong(addresses, 0, dash, 16),
                Long.parseUnsignedLong(addresses, dash + 1, addresses.length(), 16));
    }

    /** Calls madvise(2). Loaded only in a native executable, because a JVM has neither the types nor the function. */
    private static final class Libc {
        /** {@code MADV_DONTNEED} of madvise(2). */
        private static final int DONT_NEED = 4;

        private Libc() {}

        static void giveBack(Range range) {
            madvise(WordFactory.pointer(range.from()), WordFactory.unsigned(range.to() - range.from()), DONT_NEED);
        }

        @CFunction("madvise")
        private static native int madvise(PointerBase address, UnsignedWord length, int advice);
    }
}
