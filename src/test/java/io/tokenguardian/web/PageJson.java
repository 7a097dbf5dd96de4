package io.tokenguardian.web;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.status.StatusReport;
import io.vertx.core.json.JsonObject;

/** Creates the page's data for tests that compare all outputs. */
public final class PageJson {
    private PageJson() {}

    public static JsonObject of(TokenStatus tokenStatus, StatusReport report, StatusLog statusLog, Timeline timeline) {
        return new PageReport(report, timeline, statusLog, new ProxyCounters(), new OffsetHistory(), "1.2.3")
                .of(tokenStatus);
    }
}
