package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The published JSON of a token status, for {@code GET /status} and {@code check -o json}. Instants are on the node's
 * clock, except for {@code acceptableFrom} and the instants in the token.
 */
public record StatusReport(
        Path tokenPath,
        String apiServer,
        Timeline timeline,
        Supplier<ProxyCounters.Snapshot> counters,
        Function<Instant, List<StaleCaller>> callers) {
    /** For {@code GET /status}, with additional fields for a {@code wait} command beside {@code serve}. */
    public JsonObject ofServe(TokenStatus tokenStatus, boolean filesWritten) {
        Optional<Duration> untilUsable = tokenStatus.untilUsable(timeline.instant());
        return of(tokenStatus)
                .put(
                        "serve",
                        new JsonObject()
                                .put("tokenPath", tokenPath.toString())
                                .put("apiServer", apiServer)
                                .put("filesWritten", filesWritten)
                                .put(
                                        "secondsUntilUsable",
                                        untilUsable.map(Seconds::decimal).orElse(null)));
    }

    public JsonObject of(TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        Explanation explanation = Explanation.of(tokenStatus, now);
        return new JsonObject()
                .put("verdict", tokenStatus.verdict().word())
                .put("usable", tokenStatus.isUsable())
                .put("explanation", explanation.sentence())
                .put("advice", explanation.advice())
                .put(
                        "warnings",
                        new JsonArray(Explanation.warnings(tokenStatus).stream()
                                .map(Explanation::text)
                                .toList()))
                .put("acceptedAt", acceptedAt(tokenStatus.verdict()))
                .put("acceptableFrom", text(tokenStatus.window().from()))
                .put("secondsUntilAcceptable", secondsUntilAcceptable(tokenStatus, now))
                .put("token", token(tokenStatus.token()))
                .put(
                        "candidate",
                        tokenStatus.candidate() == null
                                ? null
                                : token(tokenStatus.candidate().token()))
                .put("nodeClock", nodeClock(tokenStatus))
                .put("apiServers", apiServers(tokenStatus, now))
                .put("proxy", proxy())
                .put("staleCallers", staleCallers(callers.apply(now)))
                .put("saved", saved());
    }

    private @Nullable String acceptedAt(Verdict verdict) {
        return verdict instanceof Verdict.Accepted accepted ? text(timeline.onNodeClock(accepted.at())) : null;
    }

    private static @Nullable BigDecimal secondsUntilAcceptable(TokenStatus tokenStatus, Instant now) {
        return tokenStatus.isAccepted()
                ? Seconds.decimal(Duration.ZERO)
                : tokenStatus.untilAcceptable(now).map(Seconds::decimal).orElse(null);
    }

    private @Nullable JsonObject token(@Nullable Token token) {
        if (token == null) {
            return null;
        }
        TokenClaims claims = token.claims();
        return new JsonObject()
                .put("path", tokenPath.toString())
                .put("subject", claims.subject())
                .put("audience", new JsonArray(claims.audience()))
                .put("issuedAt", text(claims.issuedAt()))
                .put("notBefore", text(claims.notBefore()))
                .put("expiresAt", text(claims.expiresAt()))
                .put("warnAfter", text(claims.warnAfter()))
                .put("pod", referenceName(claims.pod()))
                .put("node", referenceName(claims.node()))
                .put("keyId", token.keyId());
    }

    private static @Nullable String referenceName(TokenClaims.@Nullable Reference reference) {
        return reference == null ? null : reference.name();
    }

    private JsonObject nodeClock(TokenStatus tokenStatus) {
        return new JsonObject()
                .put("now", text(timeline.onNodeClock(timeline.instant())))
                .put(
                        "aheadOfIssuerBySeconds",
                        tokenStatus.nodeClockLead().map(Seconds::decimal).orElse(null));
    }

    private JsonArray apiServers(TokenStatus tokenStatus, Instant now) {
        JsonArray apiServers = new JsonArray();
        for (NamedReplica named : NamedReplica.of(tokenStatus.replicas(), now)) {
            KnownReplica replica = named.observedReplica();
            OffsetInterval offset = replica.aheadOfNode(now, timeline.nodeClockShift());
            apiServers.add(new JsonObject()
                    .put("address", replica.address())
                    .put("replica", named.name())
                    .put("verdict", named.verdict(tokenStatus.window().from(), now))
                    .put("user", replica.user())
                    .put("clockOffsetSeconds", offset == null ? null : Seconds.decimal(offset.midpoint()))
                    .put("clockUncertaintySeconds", offset == null ? null : Seconds.decimal(offset.uncertainty()))
                    .put("since", offset == null ? null : text(timeline.onNodeClock(replica.since())))
                    .put("metBy", named.metBy())
                    .put("lastAsked", text(timeline.onNodeClock(replica.lastResultAt()))));
        }
        return apiServers;
    }

    public JsonArray staleCallers(List<StaleCaller> stale) {
        JsonArray rows = new JsonArray();
        for (StaleCaller caller : stale) {
            rows.add(new JsonObject()
                    .put("userAgent", caller.userAgent())
                    .put("tokenIssuedAt", text(caller.tokenIssuedAt()))
                    .put("replacedAt", onNodeClock(caller.replacedAt()))
                    .put("wouldFailAt", text(caller.wouldFailAt()))
                    .put("requests", caller.requests())
                    .put("lastSeen", onNodeClock(caller.lastSeen())));
        }
        return rows;
    }

    private @Nullable String onNodeClock(@Nullable Instant instant) {
        return instant == null ? null : text(timeline.onNodeClock(instant));
    }

    public String receipt() {
        ProxyCounters.Saved saved = counters.get().saved();
        return String.format(
                Locale.ROOT,
                "In %s: requests: %,d; would have got 401: %,d (because of a replica's clock: %,d, with a token that had"
                        + " been replaced: %,d, for a reason that no clock explains: %,d); longest wait: %s.",
                Seconds.text(Duration.between(timeline.start(), timeline.instant())),
                counters.get().requests(),
                saved.all(),
                saved.clock(),
                saved.rotation(),
                saved.unexplained(),
                Seconds.text(saved.longestHold()));
    }

    private JsonObject saved() {
        ProxyCounters.Snapshot snapshot = counters.get();
        ProxyCounters.Saved saved = snapshot.saved();
        return new JsonObject()
                .put("sentence", receipt())
                .put("requests", snapshot.requests())
                .put("clock", saved.clock())
                .put("rotation", saved.rotation())
                .put("unexplained", saved.unexplained())
                .put("longestHoldSeconds", Seconds.decimal(saved.longestHold()))
                .put("since", onNodeClock(timeline.start()));
    }

    private JsonObject proxy() {
        ProxyCounters.Snapshot snapshot = counters.get();
        return new JsonObject()
                .put("requests", snapshot.requests())
                .put("held", snapshot.held())
                .put("holding", snapshot.heldNow())
                .put("retries", snapshot.retries())
                .put("refusedByRule", snapshot.refusedByRule());
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
