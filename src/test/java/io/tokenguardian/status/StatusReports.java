package io.tokenguardian.status;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.ProxyCounters;
import java.nio.file.Path;
import java.util.List;

/** Creates the JSON report of a guardian whose proxy has received no request. */
public final class StatusReports {
    private StatusReports() {}

    public static StatusReport of(Timeline timeline) {
        return new StatusReport(
                Path.of("/token"),
                TokenStatuses.ADDRESS,
                timeline,
                () -> new ProxyCounters().snapshot(),
                now -> List.of());
    }
}
