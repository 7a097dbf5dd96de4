package io.tokenguardian.guardian;

import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.EndedProbe;

/**
 * The kept connection of the first replica that refuses the token for another reason than that it is not yet valid,
 * until it accepts. Meanwhile, others may accept. Not thread-safe.
 */
final class RefuserConnection {
    /**
     * After so many probes over it, some 25 minutes, other connections show whether its replica is still behind the
     * address. Each time, they are three on average.
     */
    private static final int MOST_PROBES = 60;

    /** The same, at most two and a half minutes, while a pod's start waits and another replica accepts. */
    private static final int MOST_PROBES_AT_START = 5;

    private int connection = ProbeConnections.NEW;
    private int probes;

    boolean isKept() {
        return connection != ProbeConnections.NEW;
    }

    int connection() {
        return connection;
    }

    /**
     * {@code refused} is true while a refusal is known that waiting does not fix, and {@code start} while a pod's start
     * waits and another replica accepts.
     */
    void take(EndedProbe ended, Finding finding, boolean refused, boolean start) {
        boolean refuses = finding == Finding.REFUSED || finding == Finding.EXPIRED;
        if (!refused) {
            connection = ProbeConnections.NEW;
        } else if (ended.connection() == connection) {
            probes++;
            boolean stays = ended.open() && (refuses || finding == Finding.UNREACHABLE);
            if (!stays || probes >= (start ? MOST_PROBES_AT_START : MOST_PROBES)) {
                connection = ProbeConnections.NEW;
            }
        } else if (!isKept() && ended.open() && refuses) {
            connection = ended.connection();
            probes = 0;
        }
    }
}
