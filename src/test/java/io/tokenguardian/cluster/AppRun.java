package io.tokenguardian.cluster;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.stream.Stream;

/**
 * What the app in one pod observed: the output of {@code src/test/cluster/client}.
 *
 * @param lines the lines of the output, except empty lines
 * @param guardian the log of the guardian
 */
record AppRun(String pod, Mode mode, List<String> lines, String guardian) {
    /**
     * A request through the API server's usual address, or through the proxy.
     *
     * @param status the status, or 0 if no response came
     * @param error curl's exit code
     * @param seconds how long the request took
     * @param at when the request ended, in seconds of the machine's uptime
     */
    record Request(int status, int error, double seconds, double at) {
        /** The {@link #error} of a refused connection. */
        static final int NOBODY_LISTENS = 7;

        /** The {@link #error} of a TLS handshake that was cut off, for example by the end of the process. */
        private static final int HANDSHAKE_CUT_OFF = 35;

        boolean succeeded() {
            return status / 100 == 2;
        }

        boolean isNotConnected() {
            return error == NOBODY_LISTENS || error == HANDSHAKE_CUT_OFF;
        }
    }

    /** Whether a replica refused the app's token when the app started. */
    boolean isEarly() {
        return lines.stream().anyMatch(line -> line.startsWith("replica 401"));
    }

    /** Whether the token file was missing for a time. */
    boolean wasWithoutToken() {
        return at("missing").findAny().isPresent();
    }

    /** Whether the token in the file changed. */
    boolean sawRotation() {
        return at("rotated").findAny().isPresent();
    }

    List<Request> requests() {
        return lines.stream()
                .filter(line -> line.startsWith("request "))
                .map(line -> line.split("[ :]"))
                .map(words -> new Request(
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[2]),
                        Double.parseDouble(words[3]),
                        Double.parseDouble(words[4])))
                .toList();
    }

    boolean isGuarded() {
        return mode != Mode.UNGUARDED;
    }

    boolean got401() {
        return requests().stream().anyMatch(request -> request.status() == 401);
    }

    /** Returns how many requests had a status other than 200 and 201, or no response. */
    long failed() {
        return requests().stream().filter(request -> !request.succeeded()).count();
    }

    boolean allSucceeded() {
        return failed() == 0 && !requests().isEmpty();
    }

    /** Returns the {@link #requests()} that ended after the first line of this kind. */
    List<Request> requestsAfter(String kind) {
        double after = at(kind).findFirst().orElseThrow();
        return requests().stream().filter(request -> request.at() > after).toList();
    }

    /** Returns when the lines of this kind were printed. */
    private Stream<Double> at(String kind) {
        return lines.stream()
                .filter(line -> line.startsWith(kind + " "))
                .map(line -> Double.parseDouble(line.substring(kind.length() + 1)));
    }

    /** Describes the run for a failure message, without the requests that succeeded at once. */
    @Override
    public String toString() {
        String said = lines.stream()
                .filter(line -> !line.matches("request 20[01]:0 0[.][0-4].*"))
                .collect(joining("\n"));
        return "%s, %d requests:\n%s\n%s's guardian:\n%s"
                .formatted(pod, requests().size(), said, pod, guardian);
    }
}
