package io.tokenguardian.fleet;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.function.Consumer;

/** A connection to one replica, from the time at which the replica has accepted it. */
final class FleetConnection {
    static final Duration ONE_WAY = Duration.ofNanos(500_000);

    final FleetReplica replica;
    private final SimulatedTime time;
    private Runnable onReset;
    private boolean open = true;

    FleetConnection(FleetReplica replica, SimulatedTime time, Runnable onReset) {
        this.replica = replica;
        this.time = time;
        this.onReset = onReset;
    }

    void onReset(Runnable action) {
        onReset = action;
    }

    boolean isOpen() {
        return open;
    }

    /** Sends a request. {@code to} gets the reply, unless the connection ends first. */
    void send(Token token, Consumer<FleetReplica.Reply> to) {
        time.after(ONE_WAY, () -> {
            if (open) {
                FleetReplica.Reply reply = replica.begin(token);
                time.after(FleetReplica.PROCESSING.plus(ONE_WAY), () -> {
                    replica.end();
                    if (open) {
                        to.accept(reply);
                    }
                });
            }
        });
    }

    /** Called when the replica ends. */
    void reset() {
        close();
        onReset.run();
    }

    void close() {
        open = false;
        replica.remove(this);
    }
}
