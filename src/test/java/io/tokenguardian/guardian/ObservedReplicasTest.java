package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObservedReplicasTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ProbeOutcome ACCEPTED = new ProbeOutcome.Authenticated("system:serviceaccount:shop:cart");
    private static final ProbeOutcome NO_ANSWER = new ProbeOutcome.Unreachable("connection refused");

    private final ObservedReplicas observedReplicas = new ObservedReplicas();

    private void record(ProbeOutcome outcome, @Nullable String certificate, Instant at, @Nullable Instant date) {
        Finding finding = outcome instanceof ProbeOutcome.Authenticated ? Finding.ACCEPTED : Finding.UNREACHABLE;
        observedReplicas.record(
                new JudgedResult(new ProbeResult("10.96.0.1:443", outcome, certificate, at, at, date), finding));
    }

    @Test
    void answersWithOneCertificateAndOneClockAreOneReplica() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "a", NOON.plusSeconds(10), NOON.plusSeconds(10));

        assertThat(observedReplicas.all())
                .singleElement()
                .extracting(ObservedReplica::lastResultAt)
                .isEqualTo(NOON.plusSeconds(10));
    }

    @Test
    void anotherCertificateIsAnotherReplica() {
        record(ACCEPTED, "b", NOON, NOON);

        record(ACCEPTED, "a", NOON, NOON);

        assertThat(observedReplicas.all())
                .extracting(ObservedReplica::certificate)
                .containsExactly("a", "b");
    }

    @Test
    void aClockThatCannotBeTheSameIsAnotherReplica() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "a", NOON, NOON.plusSeconds(3));

        assertThat(observedReplicas.all()).hasSize(2);
    }

    @Test
    void aReplicaIsRememberedForHalfAnHour() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "b", NOON.plus(ObservedReplicas.FORGOTTEN_AFTER), NOON);

        assertThat(observedReplicas.all()).hasSize(2);
    }

    @Test
    void aReplicaNotMetForLongerThanHalfAnHourIsForgotten() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "b", NOON.plus(ObservedReplicas.FORGOTTEN_AFTER).plusNanos(1), NOON);

        assertThat(observedReplicas.all())
                .extracting(ObservedReplica::certificate)
                .containsExactly("b");
    }

    @Test
    void aClockThatJumpsAboutTakesTheRowsOfAFewReplicasAtTheMost() {
        for (int i = 0; i <= ObservedReplicas.MAX_REPLICAS; i++) {
            record(ACCEPTED, "a", NOON.plusSeconds(i), NOON.plusSeconds(1_000L * i));
        }

        assertThat(observedReplicas.all())
                .hasSize(ObservedReplicas.MAX_REPLICAS)
                .extracting(ObservedReplica::lastResultAt)
                .doesNotContain(NOON)
                .contains(NOON.plusSeconds(1));
    }

    @Test
    void anAddressWhereNobodyAnswersIsARowOfItsOwnUntilSomebodyDoes() {
        record(NO_ANSWER, null, NOON, null);
        assertThat(observedReplicas.all()).extracting(ObservedReplica::finding).containsExactly(Finding.UNREACHABLE);

        record(ACCEPTED, "a", NOON.plusSeconds(1), NOON.plusSeconds(1));

        assertThat(observedReplicas.all()).extracting(ObservedReplica::finding).containsExactly(Finding.ACCEPTED);
    }

    @Test
    void whatAReplicaOnceSaidOfTheUserIsKeptWhenItNoLongerAnswersTheQuestion() {
        record(ACCEPTED, "a", NOON, NOON);

        record(new ProbeOutcome.Unavailable("503", Duration.ofSeconds(1)), "a", NOON.plusSeconds(1), null);

        assertThat(observedReplicas.all()).singleElement().satisfies(observedReplica -> {
            assertThat(observedReplica.user()).isEqualTo("system:serviceaccount:shop:cart");
            assertThat(observedReplica.clock()).isNotNull();
        });
    }
}
