package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The replicas observed so far, for people to look at. Replicas behind one address are distinguished by their
 * certificates, or, with the same certificate, by clocks that can't be the same. This is likely to be right, but not
 * certain: no verdict on the main token relies on it, only the clocks' verdicts on audience tokens do.
 */
final class ObservedReplicas {
    /** Far more than any control plane has. Each jump of a replica's clock adds one; this limits the memory. */
    static final int MAX_REPLICAS = 16;

    /** A replica that has not been observed for this long is forgotten. */
    static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);

    private final List<ObservedReplica> observed = new ArrayList<>();
    private final Map<Finding, LongAdder> resultCount = new EnumMap<>(Finding.class);

    ObservedReplicas() {
        EnumSet.allOf(Finding.class).forEach(finding -> resultCount.put(finding, new LongAdder()));
    }

    void record(JudgedResult judged) {
        ProbeResult answer = judged.result();
        Objects.requireNonNull(resultCount.get(judged.finding())).increment();
        Sample sample = answer.date() == null ? null : new Sample(answer.sentAt(), answer.receivedAt(), answer.date());
        ObservedReplica known = find(answer, sample);
        observed.remove(known);
        observed.removeIf(observedReplica -> isOutdatedBy(answer, observedReplica));
        if (observed.size() >= MAX_REPLICAS) {
            observed.remove(0);
        }
        observed.add(new ObservedReplica(
                answer.address(),
                answer.certificate(),
                clock(known, sample),
                judged.finding(),
                user(known, answer.outcome()),
                answer.receivedAt()));
    }

    /** How many results had this finding; from any thread. */
    long resultCount(Finding finding) {
        return Objects.requireNonNull(resultCount.get(finding)).sum();
    }

    /** The replicas, ordered by address and then by certificate. */
    List<ObservedReplica> all() {
        return observed.stream()
                .sorted(Comparator.comparing(ObservedReplica::address)
                        .thenComparing(observedReplica -> Objects.toString(observedReplica.certificate())))
                .toList();
    }

    private @Nullable ObservedReplica find(ProbeResult answer, @Nullable Sample sample) {
        return observed.stream()
                .filter(observedReplica -> observedReplica.address().equals(answer.address())
                        && Objects.equals(observedReplica.certificate(), answer.certificate())
                        && agree(observedReplica.clock(), sample))
                .findFirst()
                .orElse(null);
    }

    private static boolean agree(@Nullable ClockEstimate clock, @Nullable Sample sample) {
        return clock == null || sample == null || clock.agreesWith(sample);
    }

    /** An entry without a certificate stands for the whole address. The next result from there replaces it. */
    private static boolean isOutdatedBy(ProbeResult answer, ObservedReplica observedReplica) {
        Instant now = answer.receivedAt();
        boolean isWholeAddress =
                observedReplica.address().equals(answer.address()) && observedReplica.certificate() == null;
        return isWholeAddress
                || observedReplica.lastResultAt().plus(FORGOTTEN_AFTER).isBefore(now);
    }

    private static @Nullable ClockEstimate clock(@Nullable ObservedReplica known, @Nullable Sample sample) {
        ClockEstimate before = known == null ? null : known.clock();
        if (sample == null) {
            return before;
        }
        return before == null ? ClockEstimate.of(sample) : before.with(sample);
    }

    private static @Nullable String user(@Nullable ObservedReplica known, ProbeOutcome outcome) {
        if (outcome instanceof ProbeOutcome.Authenticated authenticated && authenticated.user() != null) {
            return authenticated.user();
        }
        return known == null ? null : known.user();
    }
}
