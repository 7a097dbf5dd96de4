package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that appear, disappear and replace each other. {@link World} compares the token source after each turn. */
class GuardianTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);

    private final Replica replica = new Replica("replica", Duration.ZERO);
    private final World world = World.of(replica);
    private final Token token = TestTokens.issuedAt(SECOND).token();

    /** Accepted at once, like {@link #token}. */
    private final Token next = TestTokens.issuedAt(SECOND).token();

    /** A token that becomes acceptable after 30 s. */
    private final Token early = TestTokens.issuedAt(SECOND.plusSeconds(90)).token();

    @Test
    void anAcceptanceAppliesOnlyAfterTheResultOfAnEarlierProbe() {
        Replica slow = new Replica("slow", Duration.ofSeconds(-90));
        slow.takes = Duration.ofMillis(300);
        World three = World.of(replica, new Replica("other", Duration.ZERO), slow);

        three.read(token).runUntilAccepted();

        assertThat(three.time.now()).isAfterOrEqualTo(World.acceptableTo(slow, token));
    }

    @Test
    void anOverloadedServerGetsOneConnectionAfterEachPause() {
        World three = World.of(replica, new Replica("b", Duration.ZERO), new Replica("c", Duration.ZERO));
        three.read(token).runFor(Duration.ofMillis(3));
        three.apiServer.instead = new ProbeOutcome.Unavailable("429", Duration.ofSeconds(1));
        three.runFor(Duration.ofSeconds(1));
        int before = three.apiServer.connections;

        three.runFor(Duration.ofSeconds(10));

        assertThat(three.apiServer.connections - before).isBetween(2, 11);
    }

    @Test
    void aPauseRequestedByAReplicaOutlastsOtherAcceptances() {
        Replica busy = new Replica("busy", Duration.ZERO);
        busy.instead = new ProbeOutcome.Unavailable("429", Duration.ofSeconds(30));
        World two = World.of(replica, busy);

        two.read(token).runFor(Duration.ofSeconds(29));

        assertThat(two.apiServer.asked)
                .isNotEmpty()
                .allSatisfy(probe -> assertThat(probe.at()).isBefore(NOON.plusSeconds(1)));
    }

    @Test
    void anOverloadedServersAcceptancesOpenTheGateWithinSeconds() {
        replica.instead = new ProbeOutcome.Authenticated(null, Duration.ofSeconds(1));

        world.read(token).runFor(Duration.ofSeconds(3));

        assertThat(world.guardian.tokenStatus().isAccepted()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"PT37.4S, 1", "PT37.6S, 10"}) // chance adds a quarter
    void aPauseRequestedWithAnAcceptanceDelaysTheNextProbe(Duration elapsed, int connections) {
        replica.instead = new ProbeOutcome.Authenticated(null, Duration.ofSeconds(30));

        world.read(token).runFor(elapsed);

        assertThat(world.apiServer.connections).isEqualTo(connections);
    }

    /** Until another certificate is seen, several replicas may share the first. That would take 31 connections. */
    @Test
    void aStartTakesTwentyFiveConnectionsIfThreeCertificatesDiffer() {
        List<Integer> connections = LongStream.range(0, 200)
                .mapToObj(seed -> {
                    List<Replica> replicas = Stream.of("a", "b", "c")
                            .map(name -> new Replica(name, Duration.ZERO))
                            .toList();
                    replicas.forEach(each -> each.names = List.of());
                    World three = World.dealt(seed, replicas.toArray(Replica[]::new));
                    return three.read(token).runUntilAccepted().apiServer.connections;
                })
                .toList();

        assertThat(connections).allMatch(each -> each >= 25);
        assertThat(connections.stream().mapToInt(each -> each).average().orElseThrow())
                .isLessThan(26);
    }

    @Test
    void aFileThatBecomesUnreadableLeavesTheLastTokenInUse() {
        world.read(token).runUntilAccepted();

        world.readNothing().runFor(Duration.ofMinutes(1));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
        assertThat(world.tokenSource.best()).isEqualTo(token);
        assertThat(world.guardian.tokenStatus().keptBecause()).isEqualTo("/token: no such file");
    }

    @Test
    void aFileThatCanBeReadAgainEndsTheReasonForKeepingTheToken() {
        world.read(token).runUntilAccepted();
        world.readNothing().runFor(Duration.ofMinutes(1));

        world.read(token).runFor(Duration.ofSeconds(1));

        assertThat(world.guardian.tokenStatus().keptBecause()).isNull();
    }

    @Test
    void aNewerTokenReplacesAnUnacceptedTokenAtOnce() {
        world.read(early).runFor(Duration.ofSeconds(3));
        assertThat(world.guardian.tokenStatus().everAccepted()).isFalse();

        world.read(next).guardian.runOnce();

        assertThat(world.current()).isEqualTo(next);
        assertThat(world.candidate()).isNull();
    }

    @Test
    void onlyTheReplacementOfATokenIsARotation() {
        world.read(token).runUntilAccepted();
        assertThat(world.guardian.rotations()).isZero();

        world.read(next).runFor(Duration.ofSeconds(3));

        assertThat(world.current()).isEqualTo(next);
        assertThat(world.guardian.rotations()).isEqualTo(1);
    }

    @Test
    void resultsAreCountedByFinding() {
        world.read(early).runUntilAccepted();

        assertThat(world.guardian.resultCount(Finding.ACCEPTED)).isGreaterThanOrEqualTo(3);
        assertThat(world.guardian.resultCount(Finding.NOT_YET_VALID)).isPositive();
        assertThat(world.guardian.resultCount(Finding.REFUSED)).isZero();
    }

    @Test
    void aCandidateThatIsReadAgainIsNotProbedAgain() {
        world.read(token).runUntilAccepted();
        world.read(early).runFor(Duration.ofSeconds(20));
        int connections = world.apiServer.connections;

        world.read(early).runFor(Duration.ofSeconds(5));

        // The search for the token's issuer goes on, with a connection every two seconds.
        assertThat(world.apiServer.connections).isBetween(connections + 2, connections + 3);
    }

    @Test
    void anExpiredTokenIsNoticedAfterTheSuccessCacheEnds() {
        Token dying =
                TestTokens.issuedAt(SECOND).expiresAt(SECOND.plusSeconds(60)).token();
        world.read(dying).runUntilAccepted();

        world.runFor(Duration.ofSeconds(131));

        assertThat(world.verdict()).isInstanceOf(Verdict.Expired.class);
    }

    @Test
    void aRefusalCountsFromTheFirstOfTheToken() {
        replica.instead = new ProbeOutcome.Unauthorized();
        world.read(token).runFor(Duration.ofSeconds(20));
        Instant since = Objects.requireNonNull(world.guardian.tokenStatus().refusedSince());
        assertThat(since).isBetween(NOON, NOON.plusSeconds(1));
        Token later = TestTokens.issuedAt(SECOND.plusSeconds(20)).token();

        world.read(later).runFor(Duration.ofSeconds(20));
        assertThat(world.guardian.tokenStatus().refusedSince()).isBetween(NOON.plusSeconds(20), NOON.plusSeconds(21));
        replica.instead = null;
        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().refusedSince()).isNull();
    }

    @Test
    void aSingleAcceptanceBetweenRefusalsDoesNotRestartThem() {
        Replica refuser = new Replica(replica.certificate, Duration.ZERO);
        refuser.instead = new ProbeOutcome.Unauthorized();
        World both = World.of(replica, refuser);
        both.time.advance(Duration.ofMinutes(1));

        both.read(token).runFor(Duration.ofMillis(100));

        assertThat(both.guardian.tokenStatus().refusedSince())
                .isBefore(NOON.plusSeconds(60).plusMillis(10));
    }

    @Test
    void aChangeIsReportedOnceAndPendingIsNotReported() {
        List<String> reported = new ArrayList<>();
        world.guardian.onChange(change -> reported.add(change.verdict().word()));

        world.read(early).runUntilAccepted().runFor(Duration.ofMinutes(11));

        assertThat(reported).containsExactly("not-yet-valid", "accepted");
    }

    @Test
    void theTokenSourceReportsOnlyChangesUntilItIsStopped() {
        List<@Nullable Token> reported = new ArrayList<>();
        Runnable stop = world.tokenSource.onChange(() -> reported.add(world.tokenSource.best()));
        world.read(token).runUntilAccepted();
        world.runFor(Duration.ofMinutes(11));
        stop.run();

        world.read(next).runFor(Duration.ofSeconds(1));

        // Reported when the first replica accepts the token, and when all replicas accept it.
        assertThat(reported).containsExactly(token, token);
    }

    @Test
    void noConnectionStaysOpenAfterCloseWithACandidate() {
        world.read(token).runUntilAccepted();
        world.read(early).runFor(Duration.ofSeconds(10));
        assertThat(world.apiServer.open).isBetween(1, Search.AT_ONCE);

        world.guardian.close();

        assertThat(world.apiServer.open).isZero();
    }
}
