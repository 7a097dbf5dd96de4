package io.tokenguardian.report;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.ReplicaSighting;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** The metrics of verdict, token, clocks and questions. */
final class GuardianMetrics {
    private final Timeline timeline;

    GuardianMetrics(Timeline timeline) {
        this.timeline = timeline;
    }

    /** @param answers how many answers there were of each finding */
    List<Family> of(Situation situation, ToLongFunction<Finding> answers, long rotations) {
        Instant now = timeline.instant();
        Family probes =
                Family.counter("probes_total", "Answers to the guardian's own questions, by what they say.", "answer");
        for (Finding finding : Finding.values()) {
            probes.sample(answers.applyAsLong(finding), finding.word());
        }
        List<Family> families = new ArrayList<>();
        families.addAll(List.of(
                verdict(situation.verdict()),
                Family.gauge(
                                "until_acceptable_seconds",
                                "Time until the API server accepts the token: 0 while it does, NaN when nobody knows.")
                        .seconds(situation.isAccepted() ? Optional.of(Duration.ZERO) : situation.untilAcceptable(now)),
                Family.gauge(
                                "until_rotation_seconds",
                                "Time until kubelet is to replace the token, by the node's clock: negative when overdue.")
                        .seconds(claims(situation)
                                .flatMap(TokenClaims::rotationDue)
                                .map(this::until)),
                Family.gauge(
                                "until_expiry_seconds",
                                "Time until the token expires, by the node's clock and without leeway.")
                        .seconds(claims(situation)
                                .flatMap(claims -> Optional.ofNullable(claims.expiresAt()))
                                .map(this::until)),
                Family.gauge("escrow_age_seconds", "Time since the token in use was accepted: NaN while there is none.")
                        .seconds(acceptedAt(situation).map(at -> Duration.between(at, now))),
                Family.counter("rotations_total", "Newer tokens that have taken the place of the one before.")
                        .sample(rotations),
                probes,
                Family.gauge(
                                "node_clock_ahead_of_issuer_seconds",
                                "How far the node's clock was ahead of the one that stamped the token, when it was written.")
                        .seconds(Optional.ofNullable(situation.token()).flatMap(Present::aheadOfIssuer))));
        families.addAll(clocks(situation, now));
        return families;
    }

    private static Family verdict(Verdict verdict) {
        Family family = Family.gauge("verdict", "What is known of the token: 1 for the verdict that holds.", "verdict");
        Verdict.WORDS.forEach(word -> family.sample(word.equals(verdict.word()) ? 1 : 0, word));
        return family;
    }

    private static Optional<TokenClaims> claims(Situation situation) {
        return Optional.ofNullable(situation.token())
                .map(present -> present.token().claims());
    }

    private Duration until(Instant moment) {
        return Duration.between(timeline.onNodeClock(timeline.instant()), moment);
    }

    private static Optional<Instant> acceptedAt(Situation situation) {
        return situation.verdict() instanceof Verdict.Accepted accepted ? Optional.of(accepted.at()) : Optional.empty();
    }

    /** Two families: offset and uncertainty of each replica's clock. */
    private List<Family> clocks(Situation situation, Instant now) {
        Family offset = Family.gauge(
                "replica_clock_offset_seconds",
                "How far an API server replica's clock is ahead of the node's: negative when it is behind.",
                "address",
                "replica");
        Family uncertainty = Family.gauge(
                "replica_clock_uncertainty_seconds",
                "How far the offset of an API server replica's clock may be off, either way.",
                "address",
                "replica");
        for (NamedReplica replica : NamedReplica.of(situation.replicas(), now)) {
            ReplicaSighting sighting = replica.sighting();
            if (sighting.clock() != null) {
                OffsetInterval interval = sighting.clock().at(now);
                Duration ahead = interval.midpoint().minus(timeline.nodeClockShift());
                offset.seconds(Optional.of(ahead), sighting.address(), replica.name());
                uncertainty.seconds(Optional.of(interval.uncertainty()), sighting.address(), replica.name());
            }
        }
        return List.of(offset, uncertainty);
    }
}
