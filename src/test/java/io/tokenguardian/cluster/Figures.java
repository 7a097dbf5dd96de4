package io.tokenguardian.cluster;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
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
import java.util.stream.Stream;

/**
 * The measurements of a run: lines of the log and of {@code target/cluster-figures.tsv}, from which
 * {@code bench/cluster} makes its table. Columns: situation, mode, pods, pods started early, pods without a token for a
 * time, requests, requests that got 401, requests that failed otherwise, the longest and the median in seconds.
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
        long unauthorized =
                requests.stream().filter(request -> request.status() == 401).count();
        add(
                situation,
                mode,
                runs.size(),
                runs.stream().filter(AppRun::isEarly).count(),
                runs.stream().filter(AppRun::wasWithoutToken).count(),
                requests.size(),
                unauthorized,
                runs.stream().mapToLong(AppRun::failed).sum() - unauthorized,
                requests.stream().map(Request::seconds).sorted().toList());
    }

    /** Adds a line for the first responses from a proxy that runs beside the cluster. */
    static void addFirstResponses(String situation, List<Duration> times) {
        List<Double> sorted =
                times.stream().map(time -> time.toMillis() / 1000.0).sorted().toList();
        add(situation + ", first response", "serve", times.size(), 0, 0, times.size(), 0, 0, sorted);
    }

    /** Adds a line for the workflows of each way. Each counts as a pod with a request, which got 401 if it failed. */
    static void addWorkflows(String situation, List<ArgoRun> runs) {
        runs.stream()
                .collect(groupingBy(ArgoRun::way, TreeMap::new, toList()))
                .forEach((way, ofWay) -> add(
                        situation + ", Argo workflows",
                        way,
                        ofWay.size(),
                        0,
                        0,
                        ofWay.size(),
                        ofWay.stream().filter(run -> !run.succeeded()).count(),
                        0,
                        ofWay.stream().map(ArgoRun::seconds).sorted().toList()));
    }

    private static synchronized void add(
            String situation,
            Object mode,
            long pods,
            long early,
            long missing,
            long requests,
            long unauthorized,
            long failed,
            List<Double> seconds) {
        int size = seconds.size();
        double longest = size == 0 ? 0 : seconds.get(size - 1);
        double median = size == 0 ? 0 : seconds.get(size / 2);
        String line = Stream.of(situation, mode, pods, early, missing, requests, unauthorized, failed, longest, median)
                .map(String::valueOf)
                .collect(joining("\t", "", "\n"));
        System.out.print("figures: " + line);
        try {
            Files.writeString(FILE, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
