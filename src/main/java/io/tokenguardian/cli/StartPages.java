package io.tokenguardian.cli;

import io.tokenguardian.guardian.Situation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;
import org.jboss.logging.Logger;

/**
 * The pages of a native executable that its start has touched, which is most of them: the kernel maps 64 KiB around each,
 * and keeps them mapped for as long as the process lives. Given back, they stay in the page cache, and those that are
 * needed later are mapped again when they are touched, without being read anew. On a JVM there is nothing to give back.
 */
final class StartPages implements Consumer<Situation> {
    /** After the first acceptance, so that what follows from it is over. */
    static final Duration DELAY = Duration.ofSeconds(2);

    private static final Logger LOG = Logger.getLogger(StartPages.class);
    private static final Path SMAPS = Path.of("/proc/self/smaps");
    private static final Path EXECUTABLE = Path.of("/proc/self/exe");

    /** Of a mapping's line: addresses, permissions, offset, device, inode, file. */
    private static final int FILE = 5;

    private static final String IN_MEMORY = "Anonymous:";
    private static final String SWAPPED_OUT = "Swap:";

    private final Consumer<Runnable> later;
    private boolean started;

    /**
     * A part of the address space.
     *
     * @param from its first address
     * @param to the first address after it
     */
    record Range(long from, long to) {}

    /** @param later runs what it is given once, {@link #DELAY} later and on any thread */
    StartPages(Consumer<Runnable> later) {
        this.later = later;
    }

    /** Has the pages given back some time after the first acceptance. */
    @Override
    public void accept(Situation situation) {
        if (situation.started() && !started) {
            started = true;
            later.accept(StartPages::giveBack);
        }
    }

    /** Gives them back now, which takes less than a millisecond; where that can't be done, they stay. */
    static void giveBack() {
        if (!"runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"))) {
            return;
        }
        try (Stream<String> lines = Files.lines(SMAPS)) {
            unaltered(lines, Files.readSymbolicLink(EXECUTABLE).toString()).forEach(Libc::giveBack);
        } catch (IOException | UncheckedIOException e) {
            LOG.debugf("The pages of the start are kept: %s", e.getMessage());
        }
    }

    /**
     * What {@code smaps} (proc_pid_smaps(5)) shows of the mappings of {@code executable} that nobody can write to, and
     * nobody has: those that the dynamic linker has filled in and then protected exist in memory alone, or in swap.
     */
    static List<Range> unaltered(Stream<String> smaps, String executable) {
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

    /** Loaded by a native executable alone: a JVM knows neither the types nor the function. */
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
