package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs real requests, probes and a real pool in random worlds in simulated time. A world has one to five replicas.
 * Their clocks are up to four minutes apart, and are set. Only the clock of the first replica stays right. Tokens are
 * issued, usually by the first replica, and replace or join earlier tokens. Connections go to replicas in turn, at
 * random or in long runs. Connections fail, and break at any time. A replica may take connections and never respond. In
 * a third of the worlds the replicas do not mark their responses. Responses are slow. Callers come in bursts, upload
 * slowly, and leave.
 *
 * <p>{@link SearchRules} checks these rules:
 *
 * <ul>
 *   <li>Each request ends once, within the hold timeout and the time of its attempts. It ends sooner if a replica
 *       accepts a usable token. It fails only for a fault of a connection, or if no token was usable.
 *   <li>No request waits while a connection to an accepting replica is idle.
 *   <li>No request is sent over a connection whose replica has not accepted its token, unless the search has given up,
 *       or proofs show nothing.
 *   <li>No caller gets a 401 that a clock explains, unless the search has given up.
 *   <li>New connections stay within the limits of {@link Search}.
 *   <li>At the end, no connection, buffer, timer or count is left.
 * </ul>
 */
@Tag("simulation")
class SearchWorldsTest {

    private static final int WORLDS = 500;

    /** Worlds in which a request once met 16 connections in a row whose proofs had become wrong together. */
    private static final List<Integer> ONCE_BROKEN = List.of(502, 2_761, 9_665, 13_340);

    /** What was observed in all worlds. */
    static final class Seen {
        final List<String> broken = new ArrayList<>();
        int requests;
        int refusals;

        /** The number of 401s that callers get before the search has given up. No clock explains them. */
        int passedOn;

        /** The number of requests that are accepted with an older token. */
        int withOlder;

        /** The number of requests that are held for too long, because no token was usable. */
        int timeouts;

        int limited;
        int longestRow;
    }

    @Test
    void theRulesHoldInRandomWorlds() {
        Seen seen = new Seen();
        IntStream.concat(IntStream.range(0, WORLDS), ONCE_BROKEN.stream().mapToInt(seed -> seed))
                .forEach(seed -> run(new SimulatedWorld(seed, seen)));
        assertThat(seen.broken).isEmpty();
        assertThat(seen.requests).isGreaterThan(100_000);
        assertThat(seen.refusals).isGreaterThan(10_000);
        assertThat(seen.passedOn).isLessThan(seen.requests / 5_000);
        assertThat(seen.withOlder).isGreaterThan(10_000);
        assertThat(seen.timeouts).isGreaterThan(1_000);
        assertThat(seen.limited).isGreaterThan(10_000);
        assertThat(seen.longestRow).isGreaterThan(Search.AT_ONCE);
    }

    private static void run(SimulatedWorld world) {
        try {
            world.run();
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + world.seed, e);
        }
    }
}
