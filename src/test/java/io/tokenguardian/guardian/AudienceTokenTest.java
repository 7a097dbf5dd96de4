package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.guardian.SimulatedApiServer.Review;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A token for Vault in addition to the main token, both guarded in simulated time. */
class AudienceTokenTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);
    private static final Duration LEEWAY = SimulatedApiServer.LEEWAY;

    /** Just over a second: the accuracy of a clock that was read once. */
    private static final Duration AS_KNOWN = Duration.ofMillis(1_100);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private final Replica right = new Replica("right", Duration.ZERO);
    private final Replica behind = new Replica("behind", Duration.ofSeconds(-75));
    private final Token main = TestTokens.issuedAt(SECOND.minusSeconds(3_000)).token();
    private final Token token = vault(SECOND).token();

    private World world = World.of(right);
    private Guardian vault = guardian();

    private static TestTokens vault(Instant issuedAt) {
        return TestTokens.issuedAt(issuedAt).audience("vault");
    }

    private void replicas(Replica... replicas) {
        world = World.of(replicas);
        vault = guardian();
    }

    private Guardian guardian(String... audiences) {
        AudienceGuardianFactory factory = new AudienceGuardianFactory(
                world.apiServer,
                World.RULES,
                world.time.timeline(),
                () -> 0.5,
                world.guardian::tokenStatus,
                world.guardian::clocks,
                new ReviewPermission(() -> 0));
        Guardian guardian = factory.guardian(source(audiences));
        guardian.onChange(new StatusLog(world.time.timeline(), "vault"));
        return guardian;
    }

    private static AudienceToken.Source source(String... audiences) {
        return new AudienceToken.Source("vault", Path.of("/tokens/vault"), List.of(audiences));
    }

    private void read(Token further) {
        vault.onReading(new TokenReading.Present(further, world.time.now()));
    }

    private void runFor(Duration duration) {
        world.runAlso(vault).runFor(duration);
    }

    private void runUntil(Instant end) {
        runFor(Duration.between(world.time.now(), end));
    }

    private TokenStatus tokenStatus() {
        return vault.tokenStatus();
    }

    private @Nullable Token inUse() {
        return tokenStatus().acceptedToken();
    }

    @Test
    void aReviewIsSentWithTheMainTokenForTheTokensOwnAudience() {
        world.read(main);
        read(token);

        runFor(Duration.ofSeconds(1));

        assertThat(inUse()).isEqualTo(token);
        assertThat(tokenStatus().judgedBy()).isEqualTo(JudgedBy.REVIEWS);
        assertThat(world.apiServer.reviews).hasSize(3).allSatisfy(review -> {
            assertThat(review.bearer()).isEqualTo(main);
            assertThat(review.reviewed()).isEqualTo(token);
            assertThat(review.audiences()).containsExactly("vault");
        });
    }

    @Test
    void anAcceptedTokenIsReviewedAsRarelyAsTheMainTokenIsProbed() {
        world.read(main);
        read(token);

        runFor(Duration.ofMinutes(16));

        assertThat(world.apiServer.reviews).hasSize(3 + 3);
    }

    @Test
    void noReviewIsSentUntilTheMainTokenIsAccepted() {
        Token early = TestTokens.issuedAt(SECOND.plusSeconds(90)).token();
        world.read(early);
        read(token);

        runFor(Duration.ofSeconds(29));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(tokenStatus().verdict()).isEqualTo(new Verdict.Pending());
        assertThat(world.apiServer.reviews).isEmpty();

        runFor(Duration.ofSeconds(3));

        assertThat(inUse()).isEqualTo(token);
    }

    @Test
    void forbiddenReviewsLetTheClocksDecideAndAreLoggedOnce() {
        world.apiServer.forbidsReviews = true;
        world.read(main);
        read(token);

        runFor(Duration.ofMinutes(5));

        assertThat(inUse()).isEqualTo(token);
        assertThat(tokenStatus().judgedBy()).isEqualTo(JudgedBy.CLOCKS);
        assertThat(world.apiServer.reviews).hasSize(1);
        assertThat(log.lines())
                .filteredOn(line -> line.contains("reviews="))
                .singleElement()
                .asString()
                .startsWith("WARN reviews=forbidden ")
                .contains("k8s/rbac/token-review");
    }

    @Test
    void forbiddenReviewsAreTriedAgainAfterAnHourForAllTokens() {
        world.apiServer.forbidsReviews = true;
        world.read(main);
        read(token);
        runFor(Duration.ofSeconds(1));
        Instant asked = world.apiServer.reviews.get(0).at();
        read(vault(SECOND.plusSeconds(1)).token());

        runUntil(asked.plus(Duration.ofHours(1)).minusMillis(10));
        assertThat(world.apiServer.reviews).hasSize(1);
        runFor(Duration.ofSeconds(1));

        assertThat(world.apiServer.reviews).hasSize(2);
        assertThat(log.lines()).filteredOn(line -> line.contains("reviews=")).hasSize(1);
    }

    @Test
    void aTokenAcceptedByTheClocksStaysAcceptedWhenReviewsBegin() {
        world.apiServer.forbidsReviews = true;
        world.read(main);
        read(token);
        runFor(Duration.ofSeconds(1));
        world.apiServer.forbidsReviews = false;
        vault.onTokenStatus(tokenStatus -> assertThat(tokenStatus.isAccepted()).isTrue());

        runFor(Duration.ofMinutes(61));

        assertThat(tokenStatus().judgedBy()).isEqualTo(JudgedBy.REVIEWS);
        assertThat(log.lines()).anyMatch(line -> line.startsWith("INFO reviews=allowed "));
    }

    @Test
    void aReplicaThatIsBehindDelaysAcceptanceAndTheFirstReview() {
        replicas(right, behind);
        Token fresh = vault(SECOND.plusSeconds(20)).token();
        Instant accepts = World.acceptableTo(behind, fresh);
        world.read(main);
        read(fresh);

        runUntil(accepts.minusMillis(1));
        assertThat(tokenStatus().verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(tokenStatus().judgedBy()).isEqualTo(JudgedBy.CLOCKS);
        assertThat(world.apiServer.reviews).isEmpty();
        runUntil(accepts.plus(AS_KNOWN));

        assertThat(inUse()).isEqualTo(fresh);
        assertThat(world.apiServer.reviews).hasSize(3);
    }

    @Test
    void aClockSetBackEndsTheAcceptanceByTheClocks() {
        world.apiServer.forbidsReviews = true;
        Token fresh = vault(SECOND.plusSeconds(20)).token();
        world.read(main);
        read(fresh);
        runFor(Duration.ofSeconds(1));
        assertThat(inUse()).isEqualTo(fresh);

        right.offset = Duration.ofSeconds(-400);
        runFor(Duration.ofMinutes(5));

        assertThat(tokenStatus().verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void aTokenForAWrongAudienceIsRefusedWithoutAReview() {
        vault = guardian("bank");
        world.read(main);
        read(token);

        runFor(Duration.ofSeconds(5));

        assertThat(tokenStatus().verdict())
                .isEqualTo(new Verdict.Refused("", null, "it is for [vault], not for [bank]"));
        assertThat(world.apiServer.reviews).isEmpty();
    }

    @Test
    void aTokenForOneOfTheAudiencesIsAccepted() {
        vault = guardian("bank", "vault");
        world.read(main);
        read(token);

        runFor(Duration.ofSeconds(1));

        assertThat(inUse()).isEqualTo(token);
        assertThat(world.apiServer.reviews).extracting(Review::audiences).containsOnly(List.of("bank", "vault"));
    }

    @Test
    void aRefusalHasTheServersReasonAndTheReviewIsRepeated() {
        world.read(main);
        runFor(Duration.ofSeconds(1));
        right.instead =
                new ProbeOutcome.Unauthorized("[invalid bearer token, service account token has been invalidated]");
        read(vault(SECOND.minusSeconds(600)).token());

        runFor(Duration.ofMillis(500));

        assertThat(tokenStatus().verdict())
                .isEqualTo(new Verdict.Refused(
                        SimulatedApiServer.ADDRESS,
                        right.certificate,
                        "[invalid bearer token, service account token has been invalidated]"));
        assertThat(log.lines())
                .last()
                .asString()
                .startsWith("WARN verdict=refused token=first issued=2026-03-01T11:50:00Z expires=")
                .contains(" name=vault ", "service account token has been invalidated");

        right.instead = null;
        runFor(Duration.ofSeconds(30));

        assertThat(inUse()).isNotNull();
    }

    @Test
    void anExpiredTokenIsNotInUseEvenWithoutASuccessor() {
        Token brief = vault(SECOND.minusSeconds(500))
                .expiresAt(SECOND.plusSeconds(100))
                .token();
        Instant until = SECOND.plusSeconds(100).plus(LEEWAY);
        world.read(main);
        read(brief);

        runUntil(until.minus(AS_KNOWN));
        assertThat(inUse()).isEqualTo(brief);
        runUntil(until);

        assertThat(tokenStatus().verdict()).isInstanceOf(Verdict.Expired.class);
        assertThat(tokenStatus().judgedBy()).isEqualTo(JudgedBy.CLOCKS);
    }

    @Test
    void aMissingFileIsUnreadableAndLoggedWithTheTokensName() {
        world.read(main);
        vault.onReading(new TokenReading.Unreadable("token file /tokens/vault does not exist"));

        runFor(Duration.ofSeconds(1));

        assertThat(tokenStatus().verdict()).isInstanceOf(Verdict.Unreadable.class);
        assertThat(log.lines())
                .containsExactly("WARN verdict=unreadable token=none issued=- expires=- name=vault Token file"
                        + " /tokens/vault does not exist. Mount a service-account token there, or set another path in"
                        + " guardian.tokens.NAME.path.");
    }

    @Test
    void aServerThatHidesItsClockGetsReviewsToo() {
        right.dates = false;
        world.read(main);
        read(token);

        runFor(Duration.ofSeconds(1));

        assertThat(inUse()).isEqualTo(token);
    }

    @ParameterizedTest
    @CsvSource({"false, REVIEWS", "true, CLOCKS"})
    void aOneShotProbeUsesAReviewUnlessItIsForbidden(boolean forbidden, JudgedBy judgedBy) {
        world.apiServer.forbidsReviews = forbidden;
        OneShotProbe oneShotProbe = new OneShotProbe(world.apiServer, World.RULES, world.time.timeline(), true);
        TokenStatus found = oneShotProbe.check(new TokenReading.Present(main, NOON));

        AudienceToken audienceToken =
                oneShotProbe.checkAudienceToken(source(), new TokenReading.Present(token, NOON), found);

        assertThat(audienceToken.tokenStatus().acceptedToken()).isEqualTo(token);
        assertThat(audienceToken.tokenStatus().judgedBy()).isEqualTo(judgedBy);
    }
}
