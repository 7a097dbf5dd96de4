package io.tokenguardian.listener;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How many files the program may have open at a time, and who may have how many of them, so that no flood of connections to one
 * listener leaves the others, health above all, without.
 *
 * @param most the process's soft {@code RLIMIT_NOFILE} (getrlimit(2)); {@link Integer#MAX_VALUE} for one that is as large, or
 *     unknown
 */
public record OpenFiles(int most) {
    /** Files, listeners, selectors, the guardian's own connections, and those that a listener takes above its limit. */
    static final int OWN = 96;

    /** More than kubelet, Prometheus and people open; with each at its most that is 12 MiB, and 24 MiB of the kernel's. With half
     * as many, a flood of 9,400 a second has a probe make room before it has asked. */
    static final int MOST_SHORT = 256;

    static final int LEAST = 8;

    private static final Path LIMITS = Path.of("/proc/self/limits"); // proc_pid_limits(5)
    private static final Pattern SOFT = Pattern.compile("Max open files +([0-9]{1,9}) .*");

    /** Those of this process, as they are now. */
    public static OpenFiles ofThisProcess() {
        try (Stream<String> lines = Files.lines(LIMITS)) {
            return of(lines);
        } catch (IOException e) {
            return new OpenFiles(Integer.MAX_VALUE); // not Linux
        }
    }

    static OpenFiles of(Stream<String> limits) {
        return new OpenFiles(limits.map(SOFT::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .map(line -> Integer.parseInt(line.group(1)))
                .orElse(Integer.MAX_VALUE));
    }

    /** Connections to each of the two listeners of which a connection is for one request. */
    public int ofShortListener() {
        return Math.max(LEAST, Math.min(MOST_SHORT, most / 16));
    }

    /** Connections of the proxy, its callers' and those to the API server together. */
    public int ofProxy() {
        return Math.max(2 * LEAST, most - OWN - 2 * ofShortListener());
    }
}
