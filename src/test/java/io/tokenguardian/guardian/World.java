package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** A guardian, its API server and its thread, in simulated time. */
public final class World {
    public static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123Z");
    static final TokenTerms.AcceptancePolicy RULES = new TokenTerms.AcceptancePolicy(SimulatedApiServer.LEEWAY, 3);

    /** How late a waiting thread wakes up: never early, always slightly late. */
    private static final Duration OVERSLEEP = Duration.ofNanos(70_000);

    /** More turns per simulated second than any rule causes. */
    private static final int TIGHT_LOOP = 1_000;

    final SimulatedTime time;
    final SimulatedApiServer apiServer;
    final TokenSource tokenSource = new TokenSource();
    final Guardian guardian;
    private @Nullable Guardian further;
    private boolean isReading;

    /** Makes a guardian that probes a rotated token at once, without the random delay. */
    World(SimulatedTime time, SimulatedApiServer apiServer) {
        this(time, apiServer, null);
    }

    World(SimulatedTime time, SimulatedApiServer apiServer, @Nullable DoubleSupplier chance) {
        this.time = time;
        this.apiServer = apiServer;
        DoubleSupplier middle = () -> isReading ? 0 : 0.5;
        this.guardian = new Guardian(apiServer, RULES, time.timeline(), chance == null ? middle : chance, tokenSource);
        guardian.onTokenStatus(this::tokenSourceAgrees);
    }

    /** Makes a world whose new connections reach the replicas in turn. */
    public static World of(Replica... replicas) {
        SimulatedTime time = new SimulatedTime(NOON);
        return new World(time, SimulatedApiServer.inTurn(time, replicas));
    }

    /** Makes a world in which each new connection reaches a random replica, as with kube-proxy. */
    static World dealt(long seed, Replica... replicas) {
        SplittableRandom dealer = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(NOON);
        return new World(
                time,
                new SimulatedApiServer(
                        time,
                        List.of(replicas),
                        () -> dealer.nextInt(replicas.length),
                        () -> Duration.ofNanos(500_000)));
    }

    private void tokenSourceAgrees(TokenStatus tokenStatus) {
        assertThat(tokenSource.usable()).isEqualTo(tokenStatus.usable().tokens());
        if (tokenStatus.isAccepted()) {
            assertThat(tokenSource.best()).isEqualTo(tokenStatus.token());
        }
    }

    static @Nullable Token candidate(TokenStatus tokenStatus) {
        return tokenStatus.candidate() == null ? null : tokenStatus.candidate().token();
    }

    /** Calls {@code listener} with each status. */
    public World onTokenStatus(Consumer<TokenStatus> listener) {
        guardian.onTokenStatus(listener);
        return this;
    }

    public World read(Token token) {
        isReading = true;
        guardian.onReading(new TokenReading.Present(token, time.now()));
        isReading = false;
        return this;
    }

    public World readNothing() {
        guardian.onReading(new TokenReading.Unreadable("/token: no such file"));
        return this;
    }

    public World runFor(Duration duration) {
        Instant end = time.now().plus(duration);
        int turns = 0;
        while (time.now().isBefore(end)) {
            Instant next = turn();
            countTurn(++turns, duration);
            time.advanceToNext(next, OVERSLEEP, end);
        }
        return this;
    }

    public World runUntilAccepted() {
        Duration limit = Duration.ofHours(1);
        Instant end = time.now().plus(limit);
        int turns = 0;
        while (time.now().isBefore(end)) {
            Instant next = guardian.runOnce();
            if (guardian.tokenStatus().isAccepted()) {
                break;
            }
            time.advanceToNext(next, OVERSLEEP, end);
            countTurn(++turns, limit);
        }
        assertThat(verdict()).isInstanceOf(Verdict.Accepted.class);
        return this;
    }

    /** Runs this guardian too. */
    World runAlso(Guardian other) {
        further = other;
        return this;
    }

    private Instant turn() {
        Instant next = guardian.runOnce();
        return further == null ? next : Instants.earlier(next, further.runOnce());
    }

    private static void countTurn(int turns, Duration within) {
        assertThat(turns).as("turns").isLessThan((int) (TIGHT_LOOP * (within.toSeconds() + 1)));
    }

    Verdict verdict() {
        return guardian.tokenStatus().verdict();
    }

    /** Returns the candidate's token, or null without a candidate. */
    @Nullable
    Token candidate() {
        return candidate(guardian.tokenStatus());
    }

    Verdict candidateVerdict() {
        return Objects.requireNonNull(guardian.tokenStatus().candidate()).verdict();
    }

    /** Returns the token that the verdict is about. */
    Token current() {
        return Objects.requireNonNull(guardian.tokenStatus().token());
    }

    /** Returns when {@code token} becomes acceptable to the replica, in true time. */
    static Instant acceptableTo(Replica replica, Token token) {
        return token.claims()
                .validFrom()
                .orElseThrow()
                .minus(SimulatedApiServer.LEEWAY)
                .minus(replica.offset);
    }
}
