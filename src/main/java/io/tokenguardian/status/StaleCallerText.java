package io.tokenguardian.status;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.proxy.StaleCaller;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The text about callers that send their own token, which is old or belongs to another pod. */
public final class StaleCallerText {
    private StaleCallerText() {}

    /** Explains {@code caller} at {@code now}, which must be on the same clock as the instants in {@code caller}. */
    public static Explanation of(StaleCaller caller, Instant now) {
        return caller.isOfThisPod()
                ? new Explanation(
                        who(caller) + " still sends the token that " + since(caller, now) + " ago." + end(caller, now),
                        "Have it read the token file again, at least once a minute, or restart it.")
                : new Explanation(
                        who(caller) + " sends a token that is not this pod's."
                                + (caller.passedOn()
                                        ? " guardian.proxy.authorization=keep passes it on as it is."
                                        : " The proxy replaces it: the requests have the rights of this pod."),
                        "");
    }

    private static String who(StaleCaller caller) {
        return switch (caller.userAgent()) {
            case StaleCaller.NONE -> "A caller without a user agent";
            case StaleCaller.OTHER -> "Another caller";
            default -> caller.userAgent();
        };
    }

    private static String since(StaleCaller caller, Instant now) {
        Instant replacedAt = caller.replacedAt();
        Instant since = replacedAt == null ? caller.tokenIssuedAt() : replacedAt;
        String length = since == null ? "" : " " + Seconds.text(Duration.between(since, now));
        return (replacedAt == null ? "was issued" : "kubelet replaced") + length;
    }

    private static String end(StaleCaller caller, Instant now) {
        Instant end = caller.wouldFailAt();
        if (end == null) {
            return caller.passedOn() ? " guardian.proxy.authorization=keep passes it on as it is." : "";
        }
        boolean over = caller.isOver(now);
        String result = over ? "its requests get 401" : "its requests get 401 from then on";
        return (over ? " It ended at " : " It ends at ") + end.truncatedTo(ChronoUnit.SECONDS) + "."
                + (caller.passedOn()
                        ? " guardian.proxy.authorization=keep passes it on as it is: " + result + "."
                        : " The proxy replaces it; without the proxy, " + result.replace("get 401", "would get 401")
                                + ".");
    }
}
