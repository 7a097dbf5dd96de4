package io.tokenguardian.report;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.FurtherToken;
import io.tokenguardian.guardian.ReplicaSighting;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The contract's JSON of a situation, for {@code GET /status} and {@code check -o json}. Instants are RFC 3339 in UTC
 * to the millisecond, on the node's clock unless they are the token's own; durations are seconds with three decimals.
 */
public final class StatusReport {
    private final Path tokenPath;
    private final Duration leeway;
    private final Timeline timeline;
    private final Supplier<ProxyCounters.Snapshot> proxy;

    /** @param proxy the proxy's counters as they are now */
    public StatusReport(Path tokenPath, Duration leeway, Timeline timeline, Supplier<ProxyCounters.Snapshot> proxy) {
        this.tokenPath = tokenPath;
        this.leeway = leeway;
        this.timeline = timeline;
        this.proxy = proxy;
    }

    /** The status where further tokens are guarded too: {@code tokens} has an entry for each by its name, if there are any. */
    public JsonObject of(Situation situation, List<FurtherToken> further) {
        JsonObject status = of(situation);
        if (!further.isEmpty()) {
            JsonObject tokens = new JsonObject();
            further.forEach(each -> tokens.put(each.name(), of(each)));
            status.put("tokens", tokens);
        }
        return status;
    }

    private JsonObject of(FurtherToken further) {
        Instant now = timeline.instant();
        Situation situation = further.situation();
        Explanation explanation = Explanation.of(situation, now);
        Token token = situation.token() == null ? null : situation.token().token();
        return new JsonObject()
                .put("verdict", situation.verdict().word())
                .put("explanation", explanation.sentence())
                .put("advice", explanation.advice())
                .put("judgedBy", situation.basis().word())
                .put("acceptableFrom", text(acceptableFrom(token)))
                .put("secondsUntilAcceptable", secondsUntilAcceptable(situation, now))
                .put("token", token(token, further.path()))
                .put("candidate", token(situation.candidate(), further.path()));
    }

    private @Nullable Instant acceptableFrom(@Nullable Token token) {
        return token == null ? null : ValidityWindow.of(token, leeway).from();
    }

    public JsonObject of(Situation situation) {
        Instant now = timeline.instant();
        Explanation explanation = Explanation.of(situation, now);
        Token token = situation.token() == null ? null : situation.token().token();
        Instant from = acceptableFrom(token);
        return new JsonObject()
                .put("verdict", situation.verdict().word())
                .put("explanation", explanation.sentence())
                .put("advice", explanation.advice())
                .put("acceptedAt", acceptedAt(situation.verdict()))
                .put("acceptableFrom", text(from))
                .put("secondsUntilAcceptable", secondsUntilAcceptable(situation, now))
                .put("token", token(token, tokenPath))
                .put("candidate", token(situation.candidate(), tokenPath))
                .put("nodeClock", nodeClock(situation.token()))
                .put("apiServers", apiServers(situation, from, now))
                .put("proxy", proxy());
    }

    private @Nullable String acceptedAt(Verdict verdict) {
        return verdict instanceof Verdict.Accepted accepted ? text(timeline.onNodeClock(accepted.at())) : null;
    }

    private static @Nullable BigDecimal secondsUntilAcceptable(Situation situation, Instant now) {
        return situation.isAccepted()
                ? seconds(Duration.ZERO)
                : situation.untilAcceptable(now).map(StatusReport::seconds).orElse(null);
    }

    private static @Nullable JsonObject token(@Nullable Token token, Path path) {
        if (token == null) {
            return null;
        }
        TokenClaims claims = token.claims();
        return new JsonObject()
                .put("path", path.toString())
                .put("subject", claims.subject())
                .put("audience", new JsonArray(claims.audience()))
                .put("issuedAt", text(claims.issuedAt()))
                .put("notBefore", text(claims.notBefore()))
                .put("expiresAt", text(claims.expiresAt()))
                .put("warnAfter", text(claims.warnAfter()))
                .put("pod", name(claims.pod()))
                .put("node", name(claims.node()))
                .put("keyId", token.keyId());
    }

    static @Nullable String name(TokenClaims.@Nullable Reference reference) {
        return reference == null ? null : reference.name();
    }

    private JsonObject nodeClock(@Nullable Present reading) {
        BigDecimal ahead = Optional.ofNullable(reading)
                .flatMap(Present::aheadOfIssuer)
                .map(StatusReport::seconds)
                .orElse(null);
        return new JsonObject()
                .put("now", text(timeline.onNodeClock(timeline.instant())))
                .put("aheadOfIssuerBySeconds", ahead);
    }

    private JsonArray apiServers(Situation situation, @Nullable Instant from, Instant now) {
        JsonArray apiServers = new JsonArray();
        for (ReplicaSighting replica : situation.replicas()) {
            OffsetInterval offset =
                    replica.clock() == null ? null : replica.clock().at(now);
            apiServers.add(new JsonObject()
                    .put("address", replica.address())
                    .put("verdict", word(replica, from, now))
                    .put("user", replica.user())
                    .put("clockOffsetSeconds", offset == null ? null : onNodeClock(offset.midpoint()))
                    .put("clockUncertaintySeconds", offset == null ? null : seconds(offset.uncertainty()))
                    .put("lastAsked", text(timeline.onNodeClock(replica.lastAsked()))));
        }
        return apiServers;
    }

    /** A refusal that time must have healed since says nothing any more. */
    private static String word(ReplicaSighting replica, @Nullable Instant from, Instant now) {
        ClockEstimate clock = replica.clock();
        boolean healed = replica.finding() == Finding.NOT_YET_VALID
                && clock != null
                && from != null
                && !now.isBefore(clock.latest(from));
        return healed ? new Verdict.Pending().word() : replica.finding().word();
    }

    private BigDecimal onNodeClock(Duration offset) {
        return seconds(offset.minus(timeline.nodeClockShift()));
    }

    /** The part of it that the proxy counts. */
    JsonObject proxy() {
        ProxyCounters.Snapshot counters = proxy.get();
        return new JsonObject()
                .put("requests", counters.requests())
                .put("held", counters.held())
                .put("holding", counters.holding())
                .put("retries", counters.retries())
                .put("refusedByRule", counters.refusedByRule());
    }

    private static BigDecimal seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNano(), 9))
                .setScale(3, RoundingMode.HALF_EVEN);
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
