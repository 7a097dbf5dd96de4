package io.tokenguardian.status;

import io.tokenguardian.proxy.StaleCaller;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** The text about callers that send their own token, which is old or belongs to another pod. */
public final class StaleCallerText {
    private StaleCallerText() {}

    public static Explanation of(StaleCaller caller) {
        Instant end = caller.wouldFailAt();
        ReportedCause cause = caller.isOfThisPod() ? ReportedCause.STALE_CALLER : ReportedCause.FOREIGN_CALLER;
        return cause.explain(Map.of(
                "caller",
                caller.userAgent(),
                "issued",
                String.valueOf(caller.tokenIssuedAt()),
                "replaced",
                caller.replacedAt() == null ? "" : ", although kubelet has replaced it",
                "expiry",
                end == null ? "" : "; API servers refuse it from " + end.truncatedTo(ChronoUnit.SECONDS),
                "treatment",
                caller.passedOn()
                        ? "guardian.proxy.authorization=keep passes it on as it is"
                        : "The proxy replaces it: the requests have the rights of this pod"));
    }
}
