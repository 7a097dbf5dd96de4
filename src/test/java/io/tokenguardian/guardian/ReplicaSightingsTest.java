package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.Reply;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicaSightingsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Reply ACCEPTED = new Reply.Authenticated("system:serviceaccount:shop:cart");
    private static final Reply NO_ANSWER = new Reply.Unreachable("connection refused");

    private final ReplicaSightings sightings = new ReplicaSightings();

    private void record(Reply reply, @Nullable String certificate, Instant at, @Nullable Instant date) {
        Finding finding = reply instanceof Reply.Authenticated ? Finding.ACCEPTED : Finding.UNREACHABLE;
        sightings.record(new Answer("10.96.0.1:443", reply, certificate, at, at, date), finding);
    }

    @Test
    void answersWithOneCertificateAndOneClockAreOneReplica() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "a", NOON.plusSeconds(10), NOON.plusSeconds(10));

        assertThat(sightings.all())
                .singleElement()
                .extracting(ReplicaSighting::lastAsked)
                .isEqualTo(NOON.plusSeconds(10));
    }

    @Test
    void anotherCertificateIsAnotherReplica() {
        record(ACCEPTED, "b", NOON, NOON);

        record(ACCEPTED, "a", NOON, NOON);

        assertThat(sightings.all()).extracting(ReplicaSighting::certificate).containsExactly("a", "b");
    }

    @Test
    void aClockThatCannotBeTheSameIsAnotherReplica() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "a", NOON, NOON.plusSeconds(3));

        assertThat(sightings.all()).hasSize(2);
    }

    @Test
    void aReplicaIsRememberedForHalfAnHour() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "b", NOON.plus(ReplicaSightings.FORGOTTEN_AFTER), NOON);

        assertThat(sightings.all()).hasSize(2);
    }

    @Test
    void aReplicaNotMetForLongerThanHalfAnHourIsForgotten() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "b", NOON.plus(ReplicaSightings.FORGOTTEN_AFTER).plusNanos(1), NOON);

        assertThat(sightings.all()).extracting(ReplicaSighting::certificate).containsExactly("b");
    }

    @Test
    void aClockThatJumpsAboutTakesTheRowsOfAFewReplicasAtTheMost() {
        for (int i = 0; i <= ReplicaSightings.MOST; i++) {
            record(ACCEPTED, "a", NOON.plusSeconds(i), NOON.plusSeconds(1_000L * i));
        }

        assertThat(sightings.all())
                .hasSize(ReplicaSightings.MOST)
                .extracting(ReplicaSighting::lastAsked)
                .doesNotContain(NOON)
                .contains(NOON.plusSeconds(1));
    }

    @Test
    void anAddressWhereNobodyAnswersIsARowOfItsOwnUntilSomebodyDoes() {
        record(NO_ANSWER, null, NOON, null);
        assertThat(sightings.all()).extracting(ReplicaSighting::finding).containsExactly(Finding.UNREACHABLE);

        record(ACCEPTED, "a", NOON.plusSeconds(1), NOON.plusSeconds(1));

        assertThat(sightings.all()).extracting(ReplicaSighting::finding).containsExactly(Finding.ACCEPTED);
    }

    @Test
    void whatAReplicaOnceSaidOfTheUserIsKeptWhenItNoLongerAnswersTheQuestion() {
        record(ACCEPTED, "a", NOON, NOON);

        record(new Reply.Unavailable("503", Duration.ofSeconds(1)), "a", NOON.plusSeconds(1), null);

        assertThat(sightings.all()).singleElement().satisfies(sighting -> {
            assertThat(sighting.user()).isEqualTo("system:serviceaccount:shop:cart");
            assertThat(sighting.clock()).isNotNull();
        });
    }
}
