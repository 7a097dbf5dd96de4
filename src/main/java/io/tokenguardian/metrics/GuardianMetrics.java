package io.tokenguardian.metrics;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.ClockWarnings;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** The metrics of the verdict, the token, the clocks and the probes. */
record GuardianMetrics(Timeline timeline) {
    /** The certificate, by its first digits, identifies a replica in the metrics of all guardians, unlike its name. */
    private static final String[] CLOCK_LABELS = {"address", "certificate", "replica"};

    List<MetricFamily> of(TokenStatus tokenStatus, ToLongFunction<Finding> answers, long rotations) {
        Instant now = timeline.instant();
        MetricFamily probes = MetricFamily.counter(
                "probes", "Results of the guardian's own probes, by what each shows about the token.", "answer");
        for (Finding finding : Finding.values()) {
            probes.sample(answers.applyAsLong(finding), finding.word());
        }
        List<MetricFamily> families = new ArrayList<>(List.of(
                verdict(tokenStatus.verdict()),
                MetricFamily.gauge(
                                "usable",
                                "Whether some API server replica accepts a token, so that the proxy can send"
                                        + " requests: 1 or 0.")
                        .sample(tokenStatus.isUsable() ? 1 : 0),
                MetricFamily.gauge(
                                "until_acceptable_seconds",
                                "Time until the API server accepts the token: 0 while it does, NaN if unknown.")
                        .sampleSeconds(
                                tokenStatus.isAccepted()
                                        ? Optional.of(Duration.ZERO)
                                        : tokenStatus.untilAcceptable(now)),
                MetricFamily.gauge(
                                "until_rotation_seconds",
                                "Time until kubelet should replace the token, by the node's clock:"
                                        + " negative when overdue.")
                        .sampleSeconds(claims(tokenStatus)
                                .flatMap(TokenClaims::rotationDue)
                                .map(this::until)),
                MetricFamily.gauge(
                                "until_expiry_seconds",
                                "Time until the token expires, by the node's clock and without leeway.")
                        .sampleSeconds(claims(tokenStatus)
                                .flatMap(claims -> Optional.ofNullable(claims.expiresAt()))
                                .map(this::until)),
                // In the design, "escrow" is the place where the token in use is kept. Dashboards use this metric name.
                MetricFamily.gauge(
                                "escrow_age_seconds",
                                "Time since the token in use was accepted: NaN while no token is in use.")
                        .sampleSeconds(acceptedAt(tokenStatus).map(at -> Duration.between(at, now))),
                MetricFamily.counter(
                                "rotations",
                                "How often a newer token replaced the previous token,"
                                        + " or the file returned to an older token.")
                        .sample(rotations),
                probes,
                MetricFamily.gauge(
                                "node_clock_ahead_of_issuer_seconds",
                                "Maximum by which the node's clock can have been ahead of the issuer's"
                                        + " when the token was written.")
                        .sampleSeconds(tokenStatus.nodeClockLead()),
                MetricFamily.gauge(
                                "token_file_unreadable",
                                "Whether the token's file can't be read, so that the previously read token is kept: 1"
                                        + " or 0.")
                        .sample(tokenStatus.keptBecause() == null ? 0 : 1),
                MetricFamily.gauge(
                                "clock_warnings",
                                "Clocks that are off by more than half the API server's leeway, while the token is"
                                        + " accepted.")
                        .sample(ClockWarnings.of(tokenStatus).size())));
        families.addAll(clocks(tokenStatus, now));
        return families;
    }

    private static MetricFamily verdict(Verdict verdict) {
        MetricFamily family =
                MetricFamily.gauge("verdict", "Verdict on the token: 1 for the current verdict, else 0.", "verdict");
        Verdict.WORDS.values().stream()
                .sorted()
                .forEach(word -> family.sample(word.equals(verdict.word()) ? 1 : 0, word));
        return family;
    }

    private static Optional<TokenClaims> claims(TokenStatus tokenStatus) {
        return Optional.ofNullable(tokenStatus.token()).map(Token::claims);
    }

    private Duration until(Instant instant) {
        return Duration.between(timeline.onNodeClock(timeline.instant()), instant);
    }

    private static Optional<Instant> acceptedAt(TokenStatus tokenStatus) {
        return tokenStatus.verdict() instanceof Verdict.Accepted accepted
                ? Optional.of(accepted.at())
                : Optional.empty();
    }

    private List<MetricFamily> clocks(TokenStatus tokenStatus, Instant now) {
        MetricFamily offset = MetricFamily.gauge(
                "replica_clock_offset_seconds",
                "How far an API server replica's clock is ahead of the node's: negative when it is behind.",
                CLOCK_LABELS);
        MetricFamily uncertainty = MetricFamily.gauge(
                "replica_clock_uncertainty_seconds",
                "Uncertainty of the offset of an API server replica's clock, in either direction.",
                CLOCK_LABELS);
        for (NamedReplica named : NamedReplica.of(tokenStatus.replicas(), now)) {
            KnownReplica replica = named.observedReplica();
            OffsetInterval ahead = replica.aheadOfNode(now, timeline.nodeClockShift());
            if (ahead != null) {
                String certificate = replica.certificate();
                String digits = certificate == null ? replica.address() : NamedReplica.digits(certificate);
                String[] labels = {replica.address(), digits, named.name()};
                offset.sampleSeconds(Optional.of(ahead.midpoint()), labels);
                uncertainty.sampleSeconds(Optional.of(ahead.uncertainty()), labels);
            }
        }
        return List.of(offset, uncertainty);
    }
}
