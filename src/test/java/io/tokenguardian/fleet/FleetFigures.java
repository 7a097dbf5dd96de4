package io.tokenguardian.fleet;

import java.time.Duration;
import java.util.List;

/**
 * What a case cost, from the beginning of its fault until some minutes after the end of the fault.
 *
 * @param handshakes the mean number of TLS handshakes per second, with all three API servers
 * @param highestHandshakes the same in the ten seconds with the most handshakes
 * @param proofs the mean number per second of the guardians' probes and the proxies' proofs
 * @param wellAfter the time from the end of the fault until all pods were well
 * @param unwell how many pods were not well at the end
 * @param gates for each pod that started, how long after the first possible time; negative if too early
 * @param notReady how many pods were not ready at some time after their start
 * @param notUsable how many pods had no usable token at some time after their start
 * @param mostReplicas the most replicas that a guardian shows at the end
 * @param failed the requests whose response was not the API server's 200
 */
record FleetFigures(
        double handshakes,
        double highestHandshakes,
        double proofs,
        double highestProofs,
        Duration wellAfter,
        int unwell,
        List<Duration> gates,
        int notReady,
        int notUsable,
        int mostReplicas,
        long requests,
        long failed) {

    /** A gate that opens later is late. */
    private static final Duration LATE = Duration.ofSeconds(3);

    static final String HEADER = """
            | case | handshakes/s | proofs/s | all well after, s | starts | early | late | latest, s | not ready | not usable | failed requests |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|""";

    long early() {
        return gates.stream().filter(Duration::isNegative).count();
    }

    long late() {
        return gates.stream().filter(gate -> gate.compareTo(LATE) > 0).count();
    }

    Duration latest() {
        return gates.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /** Each rate is followed by the rate of the highest ten seconds. */
    String row(String name) {
        return "| %s | %,.0f (%,.0f) | %,.0f (%,.0f) | %s | %,d | %,d | %,d | %s | %,d | %,d | %,d of %,d |"
                .formatted(
                        name,
                        handshakes,
                        highestHandshakes,
                        proofs,
                        highestProofs,
                        unwell > 0 ? "%,d pods never".formatted(unwell) : seconds(wellAfter),
                        gates.size(),
                        early(),
                        late(),
                        gates.isEmpty() ? "" : seconds(latest()),
                        notReady,
                        notUsable,
                        failed,
                        requests);
    }

    private static String seconds(Duration duration) {
        return "%.1f".formatted(duration.toMillis() / 1e3);
    }
}
