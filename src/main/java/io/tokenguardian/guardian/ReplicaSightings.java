package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.Reply;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The replicas met so far, for people to look at: behind one address they are told apart by their certificates, and
 * where they share one by clocks that cannot be the same. That is likely, not certain: no verdict on the main
 * token rests on it, those on further tokens do as far as they go by clocks.
 */
final class ReplicaSightings {
    /** Far more than any control plane has; keeps a clock that jumps about from filling the memory. */
    static final int MOST = 16;

    /** A replica not met for this long is forgotten. */
    static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);

    private final List<ReplicaSighting> sightings = new ArrayList<>();
    private final Map<Finding, LongAdder> answers = new EnumMap<>(Finding.class);
    private Consumer<Answer> listener = answer -> {};

    ReplicaSightings() {
        EnumSet.allOf(Finding.class).forEach(finding -> answers.put(finding, new LongAdder()));
    }

    /** Has {@code listener} called with each answer, before anything else is made of it. */
    void onAnswer(Consumer<Answer> listener) {
        this.listener = listener;
    }

    void record(Answer answer, Finding finding) {
        listener.accept(answer);
        Objects.requireNonNull(answers.get(finding)).increment();
        Sample sample = answer.date() == null ? null : new Sample(answer.sentAt(), answer.receivedAt(), answer.date());
        ReplicaSighting known = find(answer, sample);
        sightings.remove(known);
        sightings.removeIf(sighting -> isOutdatedBy(answer, sighting));
        if (sightings.size() >= MOST) {
            sightings.remove(0);
        }
        sightings.add(new ReplicaSighting(
                answer.address(),
                answer.certificate(),
                clock(known, sample),
                finding,
                user(known, answer.reply()),
                answer.receivedAt()));
    }

    /** How many answers there were of this finding; may be read from any thread. */
    long answers(Finding finding) {
        return Objects.requireNonNull(answers.get(finding)).sum();
    }

    /** In the order of their addresses, then of their certificates. */
    List<ReplicaSighting> all() {
        return sightings.stream()
                .sorted(Comparator.comparing(ReplicaSighting::address)
                        .thenComparing(sighting -> Objects.toString(sighting.certificate())))
                .toList();
    }

    private @Nullable ReplicaSighting find(Answer answer, @Nullable Sample sample) {
        return sightings.stream()
                .filter(sighting -> sighting.address().equals(answer.address())
                        && Objects.equals(sighting.certificate(), answer.certificate())
                        && agree(sighting.clock(), sample))
                .findFirst()
                .orElse(null);
    }

    private static boolean agree(@Nullable ClockEstimate clock, @Nullable Sample sample) {
        return clock == null || sample == null || clock.agreesWith(sample);
    }

    /** A row without TLS stands for the address as a whole, and goes as soon as a replica answers there. */
    private static boolean isOutdatedBy(Answer answer, ReplicaSighting sighting) {
        Instant now = answer.receivedAt();
        boolean nobodyAnswered = sighting.address().equals(answer.address()) && sighting.certificate() == null;
        return nobodyAnswered || sighting.lastAsked().plus(FORGOTTEN_AFTER).isBefore(now);
    }

    private static @Nullable ClockEstimate clock(@Nullable ReplicaSighting known, @Nullable Sample sample) {
        ClockEstimate before = known == null ? null : known.clock();
        if (sample == null) {
            return before;
        }
        return before == null ? ClockEstimate.of(sample) : before.with(sample);
    }

    private static @Nullable String user(@Nullable ReplicaSighting known, Reply reply) {
        if (reply instanceof Reply.Authenticated authenticated && authenticated.user() != null) {
            return authenticated.user();
        }
        return known == null ? null : known.user();
    }
}
