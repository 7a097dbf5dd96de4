package io.tokenguardian.web;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.HoldHistogram;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that only the page uses; its format may change at any time. Instants are in milliseconds since 1970, except
 * in {@code status} and {@code claims}. The token's are on the API server's clock, all others on the node's clock.
 * Durations are in milliseconds, except in {@code status}, {@code heldSeconds} and the times of {@code history}.
 */
@Singleton
final class PageReport {
    /** The smallest change in a clock's offset that is drawn; a {@code Date} header has only whole seconds. */
    private static final Duration VISIBLE = Duration.ofSeconds(1);

    private final StatusReport status;
    private final Timeline timeline;
    private final StatusLog statusLog;
    private final ProxyCounters proxy;
    private final OffsetHistory history;
    private final String version;

    PageReport(
            StatusReport status,
            Timeline timeline,
            StatusLog statusLog,
            ProxyCounters proxy,
            OffsetHistory history,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.status = status;
        this.timeline = timeline;
        this.statusLog = statusLog;
        this.proxy = proxy;
        this.history = history;
        this.version = version;
    }

    JsonObject of(TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        Explanation explanation = Explanation.withoutTimeLeft(tokenStatus);
        return new JsonObject()
                .put("status", status.of(tokenStatus))
                .put("off", Explanation.isOff(tokenStatus))
                .put("headline", Explanation.headline(tokenStatus))
                .put("sentence", explanation.sentence())
                .put("advice", explanation.advice())
                .put(
                        "kept",
                        Explanation.keptToken(tokenStatus)
                                .map(Explanation::text)
                                .orElse(null))
                .put("now", millis(timeline.onNodeClock(now)))
                .put(
                        "left",
                        tokenStatus.untilAcceptable(now).map(Duration::toMillis).orElse(null))
                .put("window", window(tokenStatus))
                .put("leeway", tokenStatus.leeway().map(Duration::toMillis).orElse(null))
                .put("clocksOff", clocksOff(tokenStatus, now))
                .put("claims", claims(tokenStatus))
                .put("history", history(now))
                .put("news", news())
                .put("version", version)
                .put("proxy", proxy());
    }

    /** Returns the two parts of the report that change with the requests through the proxy. */
    JsonObject ofProxy() {
        return new JsonObject()
                .put("status", new JsonObject().put("proxy", status.proxy()))
                .put("proxy", proxy());
    }

    private @Nullable JsonObject window(TokenStatus tokenStatus) {
        if (tokenStatus.token() == null) {
            return null;
        }
        TokenClaims claims = tokenStatus.token().claims();
        return new JsonObject()
                .put("from", millis(tokenStatus.window().from()))
                .put("until", millis(tokenStatus.window().until()))
                .put("issued", millis(claims.issuedAt()))
                .put("rotation", millis(claims.rotationDue().orElse(null)))
                .put("warnAfter", millis(claims.warnAfter()))
                .put("expires", millis(claims.expiresAt()));
    }

    /** For each row of the status's {@code apiServers}, whether its clock should be set. */
    private static JsonArray clocksOff(TokenStatus tokenStatus, Instant now) {
        Set<String> off = Explanation.clocksOff(tokenStatus);
        return new JsonArray(NamedReplica.of(tokenStatus.replicas(), now).stream()
                .map(replica -> off.contains(replica.name()))
                .toList());
    }

    private static @Nullable JsonObject claims(TokenStatus tokenStatus) {
        if (tokenStatus.token() == null) {
            return null;
        }
        Token token = tokenStatus.token();
        TokenClaims claims = token.claims();
        return new JsonObject()
                .put("sub", claims.subject())
                .put("aud", String.join(", ", claims.audience()))
                .put("iss", claims.issuer())
                .put("iat", text(claims.issuedAt()))
                .put("nbf", text(claims.notBefore()))
                .put("exp", text(claims.expiresAt()))
                .put("warnafter", text(claims.warnAfter()))
                .put("namespace", claims.namespace())
                .put("serviceaccount", StatusReport.referenceName(claims.serviceAccount()))
                .put("pod", StatusReport.referenceName(claims.pod()))
                .put("node", StatusReport.referenceName(claims.node()))
                .put("secret", StatusReport.referenceName(claims.secret()))
                .put("jti", claims.jwtId())
                .put("kid", token.keyId());
    }

    /** For each step of a clock: the time in seconds relative to now (negative), and the offset in milliseconds. */
    private JsonArray history(Instant now) {
        JsonArray rows = new JsonArray();
        history.lines(now)
                .forEach((name, points) ->
                        rows.add(new JsonObject().put("name", name).put("points", steps(points, now))));
        return rows;
    }

    /** The first, the last, and each point that differs by {@link #VISIBLE} from the point selected before it. */
    private static JsonArray steps(List<OffsetHistory.Point> points, Instant now) {
        JsonArray steps = new JsonArray();
        Duration shown = Duration.ZERO;
        for (OffsetHistory.Point point : points) {
            boolean differs = point.offset().minus(shown).abs().compareTo(VISIBLE) >= 0;
            if (steps.isEmpty() || differs || point.equals(points.get(points.size() - 1))) {
                shown = point.offset();
                steps.add(new JsonArray()
                        .add(-Duration.between(point.at(), now).toSeconds())
                        .add(shown.toMillis()));
            }
        }
        return steps;
    }

    private JsonArray news() {
        JsonArray rows = new JsonArray();
        List<StatusLog.LogEntry> recent = statusLog.recent();
        recent.forEach(entry -> rows.add(new JsonObject()
                .put("at", millis(timeline.onNodeClock(entry.at())))
                .put("verdict", entry.verdict())
                .put("token", entry.change())
                .put("sentence", entry.text())));
        return rows;
    }

    private JsonObject proxy() {
        JsonObject retries = new JsonObject();
        proxy.retries().forEach(retries::put);
        HoldHistogram.Snapshot held = proxy.heldTimes();
        return new JsonObject()
                .put("retries", retries)
                .put("heldCount", held.count())
                .put("heldSeconds", held.seconds())
                .put("connections", proxy.upstreamConnections())
                .put("receipt", status.receipt())
                .put("callers", new JsonArray(status.staleCallerTexts()));
    }

    private static @Nullable Long millis(@Nullable Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
