package io.tokenguardian.fleet;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One API server: its clock and keys, the queue of its TLS handshakes, and its requests in flight. */
final class FleetReplica {
    static final Duration LEEWAY = Duration.ofSeconds(60);

    /** How long the service still has the endpoint of an API server that is down. */
    static final Duration ENDPOINT_GOES_AFTER = Duration.ofSeconds(15);

    /** From the arrival of a request to its response. */
    static final Duration PROCESSING = Duration.ofMillis(4);

    private static final Duration LONGEST_QUEUE = Duration.ofSeconds(10);

    /** What a replica did from {@code since} on. */
    private record State(Instant since, boolean up, boolean keys, Duration ahead) {
        boolean accepts(ValidityWindow window, Instant at) {
            Instant clock = at.plus(ahead);
            return keys
                    && (window.from() == null || !clock.isBefore(window.from()))
                    && (window.until() == null || !clock.isAfter(window.until()));
        }
    }

    /** A response, without its body. {@code marked} is whether it has the mark of an accepted token. */
    record Reply(int status, boolean marked, Instant date) {}

    final String certificate;
    private final SimulatedTime time;
    private final Duration handshake;
    private final int mostInFlight;
    private final Set<FleetConnection> connections = new LinkedHashSet<>();

    /** All states so far, for {@link #boundaries} and {@link #refusedAt}. */
    private final List<State> states = new ArrayList<>();

    private State state;
    private Instant queuedUntil = Instant.MIN;
    private int inFlight;
    private boolean overloaded;

    FleetReplica(String certificate, SimulatedTime time, FleetSize size) {
        this.certificate = certificate;
        this.time = time;
        this.handshake = Duration.ofSeconds(1).dividedBy(size.handshakes());
        this.mostInFlight = size.inFlight();
        this.state = new State(time.now(), true, true, Duration.ZERO);
        states.add(state);
    }

    // Faults

    private void set(boolean up, boolean keys, Duration ahead) {
        state = new State(time.now(), up, keys, ahead);
        states.add(state);
    }

    void stop() {
        set(false, state.keys, state.ahead);
        queuedUntil = Instant.MIN;
        List.copyOf(connections).forEach(FleetConnection::reset);
    }

    void start() {
        set(true, state.keys, state.ahead);
    }

    /** Restarts the API server at once, because it reads its keys only then. */
    void setKeys(boolean right) {
        stop();
        set(true, right, state.ahead);
    }

    void setClock(Duration ahead) {
        set(state.up, state.keys, ahead);
    }

    /** Sets whether the API server responds to each request with 429. */
    void setOverloaded(boolean on) {
        overloaded = on;
    }

    // Connections

    boolean isUp() {
        return state.up;
    }

    boolean hasEndpoint() {
        return state.up || time.now().isBefore(state.since.plus(ENDPOINT_GOES_AFTER));
    }

    Duration ahead() {
        return state.ahead;
    }

    Instant clock() {
        return time.now().plus(state.ahead);
    }

    /** Adds a connection. Returns when its handshake is done; null if it will be dropped. */
    @Nullable
    Instant queue(FleetConnection connection) {
        connections.add(connection);
        Instant now = time.now();
        Instant begins = queuedUntil.isAfter(now) ? queuedUntil : now;
        if (begins.isAfter(now.plus(LONGEST_QUEUE))) {
            return null;
        }
        queuedUntil = begins.plus(handshake);
        return queuedUntil;
    }

    void remove(FleetConnection connection) {
        connections.remove(connection);
    }

    /** Judges the token of a request. {@link #end} must follow. */
    Reply begin(Token token) {
        inFlight++;
        Instant date = clock().truncatedTo(ChronoUnit.SECONDS);
        if (!state.accepts(ValidityWindow.of(token, LEEWAY), time.now())) {
            return new Reply(401, false, date);
        }
        return new Reply(overloaded || inFlight > mostInFlight ? 429 : 200, true, date);
    }

    void end() {
        inFlight--;
    }

    // What the token's gate is compared with

    /** Adds the times at which the replica may have begun or ceased to accept a token. */
    void boundaries(ValidityWindow window, Set<Instant> to) {
        for (State each : states) {
            to.add(each.since);
            if (window.from() != null) {
                to.add(window.from().minus(each.ahead));
            }
            if (window.until() != null) {
                to.add(window.until().minus(each.ahead));
            }
        }
    }

    /** Whether the replica was up at this time, and refused the token. */
    boolean refusedAt(ValidityWindow window, Instant at) {
        State then = stateAt(at);
        return then.up && !then.accepts(window, at);
    }

    boolean wasUpAt(Instant at) {
        return stateAt(at).up;
    }

    private State stateAt(Instant at) {
        State then = states.get(0);
        for (State each : states) {
            then = each.since.isAfter(at) ? then : each;
        }
        return then;
    }
}
