package io.tokenguardian.report;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.ReplicaSighting;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.guardian.Story;
import io.tokenguardian.proxy.HeldTimes;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.ValidityWindow;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows, as JSON: more than the status, for the page alone and without a promise to anybody else. Instants
 * are milliseconds since 1970, the token's own on the API server's clock and all others on the node's; durations are
 * milliseconds.
 */
public final class PageReport {
    private final StatusReport status;
    private final Duration leeway;
    private final Timeline timeline;
    private final Story story;
    private final ProxyCounters proxy;

    public PageReport(StatusReport status, Duration leeway, Timeline timeline, Story story, ProxyCounters proxy) {
        this.status = status;
        this.leeway = leeway;
        this.timeline = timeline;
        this.story = story;
        this.proxy = proxy;
    }

    JsonObject of(Situation situation) {
        Instant now = timeline.instant();
        Explanation explanation = Explanation.lasting(situation);
        return new JsonObject()
                .put("status", status.of(situation))
                .put("sentence", explanation.sentence())
                .put("advice", explanation.advice())
                .put("now", millis(timeline.onNodeClock(now)))
                .put(
                        "left",
                        situation.untilAcceptable(now).map(Duration::toMillis).orElse(null))
                .put("leeway", leeway.toMillis())
                .put("window", window(situation))
                .put("replicas", replicas(situation, now))
                .put("claims", claims(situation))
                .put("news", news())
                .put("proxy", proxy());
    }

    /** Of the report, the two parts that requests through the proxy change. */
    JsonObject ofProxy() {
        return new JsonObject()
                .put("status", new JsonObject().put("proxy", status.proxy()))
                .put("proxy", proxy());
    }

    private @Nullable JsonObject window(Situation situation) {
        if (situation.token() == null) {
            return null;
        }
        Token token = situation.token().token();
        TokenClaims claims = token.claims();
        return new JsonObject()
                .put("from", millis(ValidityWindow.of(token, leeway).from()))
                .put("issued", millis(claims.issuedAt()))
                .put("rotation", millis(claims.rotationDue().orElse(null)))
                .put("warnAfter", millis(claims.warnAfter()))
                .put("expires", millis(claims.expiresAt()));
    }

    private JsonArray replicas(Situation situation, Instant now) {
        JsonArray rows = new JsonArray();
        for (NamedReplica replica : NamedReplica.of(situation.replicas(), now)) {
            ReplicaSighting sighting = replica.sighting();
            OffsetInterval offset =
                    sighting.clock() == null ? null : sighting.clock().at(now);
            rows.add(new JsonObject()
                    .put("name", sighting.certificate() == null ? null : replica.name())
                    .put("address", sighting.address())
                    .put("verdict", sighting.finding().word())
                    .put(
                            "offset",
                            offset == null
                                    ? null
                                    : offset.midpoint()
                                            .minus(timeline.nodeClockShift())
                                            .toMillis())
                    .put(
                            "uncertainty",
                            offset == null ? null : offset.uncertainty().toMillis())
                    .put("asked", millis(timeline.onNodeClock(sighting.lastAsked()))));
        }
        return rows;
    }

    private static @Nullable JsonObject claims(Situation situation) {
        if (situation.token() == null) {
            return null;
        }
        Token token = situation.token().token();
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
                .put("serviceaccount", StatusReport.name(claims.serviceAccount()))
                .put("pod", StatusReport.name(claims.pod()))
                .put("node", StatusReport.name(claims.node()))
                .put("secret", StatusReport.name(claims.secret()))
                .put("jti", claims.jwtId())
                .put("kid", token.keyId());
    }

    private JsonArray news() {
        JsonArray rows = new JsonArray();
        List<Story.News> recent = story.recent();
        recent.forEach(news -> rows.add(new JsonObject()
                .put("at", millis(timeline.onNodeClock(news.at())))
                .put("verdict", news.verdict())
                .put("token", news.token())
                .put("sentence", news.sentence())));
        return rows;
    }

    private JsonObject proxy() {
        JsonObject retries = new JsonObject();
        proxy.retries().forEach((reason, count) -> retries.put(reason.word(), count));
        HeldTimes.Snapshot held = proxy.heldTimes();
        return new JsonObject()
                .put("retries", retries)
                .put("heldCount", held.count())
                .put("heldSeconds", held.seconds())
                .put("connections", proxy.upstreamConnections());
    }

    private static @Nullable Long millis(@Nullable Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return Optional.ofNullable(instant).map(Instant::toString).orElse(null);
    }
}
