package io.tokenguardian.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How many files the program may have open, and how many connections each listener may have. These limits keep a flood
 * of connections to one listener from using up the file descriptors that the other listeners need, above all for health
 * checks.
 *
 * @param most the process's soft {@code RLIMIT_NOFILE} (getrlimit(2)); {@link Integer#MAX_VALUE} if the limit is
 *     1,000,000,000 or more, or unknown
 */
public record FileLimit(int most) {
    /** For files, listeners, selectors, the guardian's own connections, and connections above a listener's limit. */
    static final int RESERVED = 96;

    /**
     * The maximum number of connections to a listener that takes one request per connection: more than kubelet,
     * Prometheus and people need. If every connection reaches its limits, the connections together take 12 MiB, plus 24
     * MiB in the kernel. If the limit were half as high, then during a flood of 9,400 new connections per second, a
     * kubelet probe's connection would be closed as the oldest silent connection before its request is sent.
     */
    static final int MAX_SINGLE_REQUEST_CONNECTIONS = 256;

    /** The lowest connection limit of a listener, however few files may be open. */
    static final int FEWEST_CONNECTIONS = 8;

    private static final Path LIMITS = Path.of("/proc/self/limits"); // proc_pid_limits(5)
    private static final Pattern SOFT = Pattern.compile("Max open files +([0-9]{1,9}) .*");

    public static FileLimit read() {
        try (Stream<String> lines = Files.lines(LIMITS)) {
            return of(lines);
        } catch (IOException | UncheckedIOException e) {
            return new FileLimit(Integer.MAX_VALUE); // the system is not Linux
        }
    }

    static FileLimit of(Stream<String> limits) {
        return new FileLimit(limits.map(SOFT::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .map(line -> Integer.parseInt(line.group(1)))
                .orElse(Integer.MAX_VALUE));
    }

    /** The connection limit of each of the two listeners that take one request per connection. */
    public int singleRequestConnections() {
        return Math.max(FEWEST_CONNECTIONS, Math.min(MAX_SINGLE_REQUEST_CONNECTIONS, most / 16));
    }

    /** The proxy's limit on callers' connections and connections to the API server, counted together. */
    public int proxyConnections() {
        return Math.max(2 * FEWEST_CONNECTIONS, most - RESERVED - 2 * singleRequestConnections());
    }
}
