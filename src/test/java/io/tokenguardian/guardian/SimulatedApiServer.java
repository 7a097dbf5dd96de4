package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replicas behind one address, in simulated time. Each has its own clock, judges tokens by the API server's rule
 * (refused while {@code now + 60 s} is before {@code nbf} or {@code iat}) and dates its responses after the check.
 */
public final class SimulatedApiServer implements ApiServer {
    static final Duration LEEWAY = Duration.ofSeconds(60);
    static final String ADDRESS = "10.96.0.1:443";

    /** One probe and its outcome. */
    record Probe(Instant at, Replica replica, int connection, ProbeOutcome outcome) {}

    /** A step of {@code by} in a replica's clock, at the true time {@code at}. */
    record Step(Instant at, Duration by) {}

    /** One replica. Its clock shows true time plus {@code offset}, plus its drift and its steps. */
    public static final class Replica {
        final String certificate;
        final List<Step> steps = new ArrayList<>();
        Duration offset;
        long driftPpm;
        Instant driftsSince = Instant.EPOCH;

        /** The names in the certificate. By default, it names one machine. */
        List<String> names;

        boolean dates = true;
        boolean closes;

        /** The {@code Date} of each response, if it does not follow the clock. */
        @Nullable
        Instant stuckDate;

        /** The outcome of each probe, if it does not depend on the token. */
        @Nullable
        ProbeOutcome instead;

        /** How long the replica takes to respond, or to fail. */
        Duration takes = Duration.ZERO;

        /** Whether each probe ends with an error in this program. */
        boolean broken;

        /** The tokens that the replica refuses at any time. */
        final Set<Token> unknown = new HashSet<>();

        /** The outcomes of the next probes, which take precedence over all other settings of the replica. */
        final Deque<ProbeOutcome> script = new ArrayDeque<>();

        public Replica(String certificate, Duration offset) {
            this.certificate = certificate;
            this.names = List.of(certificate, "192.0.2.1");
            this.offset = offset;
        }

        Instant clock(Instant trueTime) {
            Duration stepped = steps.stream()
                    .filter(step -> !step.at().isAfter(trueTime))
                    .map(Step::by)
                    .reduce(Duration.ZERO, Duration::plus);
            Duration drifted = driftPpm == 0
                    ? Duration.ZERO
                    : Duration.between(driftsSince, trueTime)
                            .multipliedBy(driftPpm)
                            .dividedBy(1_000_000);
            return trueTime.plus(offset).plus(stepped).plus(drifted);
        }

        boolean accepts(Token token, Instant trueTime) {
            ValidityWindow window = ValidityWindow.of(token, LEEWAY);
            Instant clock = clock(trueTime);
            return (window.from() == null || !clock.isBefore(window.from()))
                    && (window.until() == null || !clock.isAfter(window.until()));
        }
    }

    private final SimulatedTime time;
    private final List<Replica> replicas;
    private final IntSupplier selection;
    private final Supplier<Duration> oneWay;
    final Set<Replica> seenRefusing = new LinkedHashSet<>();
    final List<Probe> asked = new ArrayList<>();
    private final Set<SimulatedConversation> conversations = new LinkedHashSet<>();
    int connections;
    int open;

    /**
     * Whether sending a request advances the time to its response, for a test that does not advance the time otherwise.
     */
    boolean atOnce;

    /** The outcome of each probe, if it does not depend on the replica: for example, unreachable. */
    @Nullable
    ProbeOutcome instead;

    SimulatedApiServer(SimulatedTime time, List<Replica> replicas, IntSupplier selection, Supplier<Duration> oneWay) {
        this.time = time;
        this.replicas = new ArrayList<>(replicas);
        this.selection = selection;
        this.oneWay = oneWay;
    }

    /**
     * Makes an API server whose connections reach the replicas in turn, with a latency of half a millisecond one way.
     */
    static SimulatedApiServer inTurn(SimulatedTime time, Replica... replicas) {
        int[] next = {0};
        return new SimulatedApiServer(
                time, List.of(replicas), () -> next[0]++ % replicas.length, () -> Duration.ofNanos(500_000));
    }

    @Override
    public ProbeConnection open() {
        SimulatedConversation conversation = new SimulatedConversation();
        conversations.add(conversation);
        return conversation;
    }

    /** From now on, new connections lead to another replica instead. The connections of {@code replica} break. */
    void leave(Replica replica) {
        replicas.set(replicas.indexOf(replica), replicas.get(0));
        conversations.stream()
                .filter(conversation -> replica.equals(conversation.replica))
                .forEach(conversation -> conversation.broken = true);
    }

    /** From now on, new connections lead to another replica instead. The connections of {@code replica} stay open. */
    void leaveOpen(Replica replica) {
        replicas.set(replicas.indexOf(replica), replicas.get(0));
    }

    /** Breaks the connections. The next probe over each of them fails. */
    void breakConnections() {
        conversations.forEach(conversation -> conversation.broken = true);
    }

    /** Completes when its time has come. A thread that waits for it advances the time. */
    private final class Response<T> extends CompletableFuture<T> {
        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Response<>();
        }

        @Override
        public T join() {
            while (!isDone()) {
                time.advanceTo(time.nextEvent());
            }
            return super.join();
        }
    }

    private final class SimulatedConversation implements ProbeConnection {
        private @Nullable Replica replica;
        private int connection;
        private Instant connectedAt = Instant.MIN;
        private boolean open = true;
        private boolean broken;

        private void connect() {
            if (replica == null) {
                replica = replicas.get(selection.getAsInt());
                connection = connections++;
                SimulatedApiServer.this.open++;
                // TCP and TLS take two round trips.
                connectedAt = time.now();
                for (int i = 0; i < 4; i++) {
                    connectedAt = connectedAt.plus(oneWay.get());
                }
            }
        }

        @Override
        public CompletableFuture<ProbeResult> probe(Token token) {
            return answer((replica, at) -> reply(replica, token, at));
        }

        /** @param replying the outcome for a replica and an instant */
        private CompletableFuture<ProbeResult> answer(BiFunction<Replica, Instant, ProbeOutcome> replying) {
            connect();
            Replica replica = Objects.requireNonNull(this.replica);
            Response<ProbeResult> response = new Response<>();
            Instant sentAt = time.now().isBefore(connectedAt) ? connectedAt : time.now();
            Instant answersAt = sentAt.plus(oneWay.get()).plus(replica.takes);
            Instant receivedAt = answersAt.plus(oneWay.get());
            time.at(answersAt, () -> {
                ProbeOutcome outcome = replying.apply(replica, answersAt);
                Instant date = replica.stuckDate == null
                        ? replica.clock(answersAt).truncatedTo(ChronoUnit.SECONDS)
                        : replica.stuckDate;
                boolean dated = replica.dates && !(outcome instanceof ProbeOutcome.Unreachable);
                ProbeResult result = new ProbeResult(
                        ADDRESS, outcome, replica.certificate, replica.names, sentAt, receivedAt, dated ? date : null);
                asked.add(new Probe(sentAt, replica, connection, outcome));
                time.at(receivedAt, () -> {
                    if (outcome instanceof ProbeOutcome.Unreachable || replica.closes) {
                        close();
                    }
                    if (replica.broken) {
                        response.completeExceptionally(new IllegalStateException("broken"));
                    }
                    response.complete(result);
                });
            });
            if (atOnce) {
                time.advanceTo(receivedAt);
            }
            return response;
        }

        private ProbeOutcome reply(Replica probed, Token token, Instant at) {
            if (broken || !open) {
                return new ProbeOutcome.Unreachable(ADDRESS + ": the connection is closed");
            }
            if (instead != null) {
                return instead;
            }
            ProbeOutcome next = probed.script.poll();
            if (next != null) {
                return next;
            }
            if (probed.instead != null) {
                return probed.instead;
            }
            if (probed.unknown.contains(token)) {
                return new ProbeOutcome.Unauthorized();
            }
            if (probed.accepts(token, at)) {
                return new ProbeOutcome.Authenticated(token.claims().subject());
            }
            if (ValidityWindow.of(token, LEEWAY).from() != null && isTooEarly(probed, token, at)) {
                seenRefusing.add(probed);
            }
            return new ProbeOutcome.Unauthorized();
        }

        private boolean isTooEarly(Replica probed, Token token, Instant at) {
            Instant from = token.claims().validFrom().orElse(Instant.MIN).minus(LEEWAY);
            return probed.clock(at).isBefore(from);
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            if (open && replica != null) {
                SimulatedApiServer.this.open--;
            }
            open = false;
            conversations.remove(this);
        }
    }
}
