package io.tokenguardian.cluster;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.tokenguardian.cluster.AppRun.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/**
 * The measurements of a run: lines of {@code target/cluster-figures.tsv}, from which {@code bench/cluster} makes its
 * table. Columns: situation, mode, pods, pods started early, pods without a token for a time, requests, requests that
 * got 401, requests that failed otherwise, and the longest in seconds.
 */
final class Figures {
    private static final Path FILE = Path.of("target/cluster-figures.tsv");

    private Figures() {}

    /** Adds a line for the pods of each mode. */
    static void add(String situation, List<AppRun> runs) {
        runs.stream()
                .collect(groupingBy(AppRun::mode, TreeMap::new, toList()))
                .forEach((mode, ofMode) -> add(situation, mode, ofMode));
    }

    private static void add(String situation, Mode mode, List<AppRun> runs) {
        List<Request> requests =
                runs.stream().flatMap(run -> run.requests().stream()).toList();
        long unauthorized = count(requests, 401);
        add(
                situation,
                mode,
                runs.size(),
                runs.stream().filter(AppRun::isEarly).count(),
                runs.stream().filter(AppRun::wasWithoutToken).count(),
                requests.size(),
                unauthorized,
                requests.size() - count(requests, 200) - unauthorized,
                requests.stream().mapToDouble(Request::seconds).max().orElse(0));
    }

    /** Adds a line for the first responses from a proxy that runs beside the cluster. */
    static void addFirstResponses(String situation, List<Duration> times) {
        double longest = times.stream().mapToLong(Duration::toMillis).max().orElse(0) / 1000.0;
        add(situation + ", first response", "serve", times.size(), 0, 0, times.size(), 0, 0, longest);
    }

    private static long count(List<Request> requests, int status) {
        return requests.stream().filter(request -> request.status() == status).count();
    }

    private static synchronized void add(Object... columns) {
        StringBuilder line = new StringBuilder();
        for (Object column : columns) {
            line.append(line.isEmpty() ? "" : "\t").append(column);
        }
        try {
            Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
