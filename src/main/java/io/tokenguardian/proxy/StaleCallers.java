package io.tokenguardian.proxy;

import io.netty.util.AsciiString;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.caller.CallerTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenFormatException;
import io.tokenguardian.token.TokenMask;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds callers that send their own token after it has been replaced in the file, such as an app that read its token
 * only once. A token that is in the file now is recognized by its bytes, an older token by its claims, which are all
 * that is kept of it. Thread-safe. Instants are on the local time line.
 */
public final class StaleCallers implements Consumer<TokenStatus>, CallerTokens {
    /** Client libraries read the file every minute, and kubelet may be two minutes late in replacing the token. */
    static final Duration GRACE = Duration.ofMinutes(5);

    /** How long a user agent is kept after its last request with an old token. */
    static final Duration DAY = Duration.ofDays(1);

    static final int MOST_NAMED = 16;
    static final int MOST_REPLACED = 32;

    /** The maximum length of a user agent that is named, in characters. The first 64 are shown. */
    static final int LONGEST_NAMED = 256;

    private static final int SHOWN = 64;
    private static final String SCHEME = "Bearer ";

    private final Duration leeway;
    private final boolean passedOn;
    private volatile Consumer<StaleCaller> listener = caller -> {};

    /** The current tokens and their placeholders, as headers. */
    private volatile List<AsciiString> newest = List.of();

    private volatile List<Token> current = List.of();
    private final Map<TokenClaims, Instant> replaced = new LinkedHashMap<>();
    private final Map<String, StaleCaller> seen = new LinkedHashMap<>();

    /** @param passedOn whether callers' own tokens are passed on unchanged */
    StaleCallers(Duration leeway, boolean passedOn) {
        this.leeway = leeway;
        this.passedOn = passedOn;
    }

    /** The listener is called on an event loop when a user agent is found, and must return at once. */
    public void onReport(Consumer<StaleCaller> listener) {
        this.listener = listener;
    }

    /** Callers may send the token in use, the newest token, and a token that only some replicas accept. */
    @Override
    public synchronized void accept(TokenStatus status) {
        TokenStatus.Candidate candidate = status.candidate();
        List<Token> next = Stream.of(
                        status.token(),
                        candidate == null ? null : candidate.token(),
                        status.isAccepted() ? null : status.usableToken())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        if (status.token() == null || next.equals(current)) {
            return;
        }
        current.stream().filter(token -> !next.contains(token)).forEach(old -> replaced.put(old.claims(), status.at()));
        next.forEach(token -> replaced.remove(token.claims()));
        while (replaced.size() > MOST_REPLACED) {
            replaced.remove(replaced.keySet().iterator().next());
        }
        current = next;
        newest = next.stream()
                .flatMap(token -> Stream.of(token.bearer(), token.placeholder()))
                .map(text -> new AsciiString(SCHEME + text))
                .toList();
    }

    @Override
    public boolean isNewest(AsciiString authorization) {
        return newest.contains(authorization);
    }

    @Override
    public boolean count(CharSequence authorization, @Nullable CharSequence userAgent, Instant now) {
        List<Token> tokens = current;
        if (tokens.isEmpty()) {
            return false;
        }
        TokenClaims own = own(authorization.toString(), tokens.get(0).claims());
        StaleCaller caller;
        synchronized (this) {
            if (own != null && !isStale(own, now)) {
                return false;
            }
            callers(now); // forgets callers
            String name = name(userAgent);
            name = seen.size() < MOST_NAMED || seen.containsKey(name) ? name : StaleCaller.OTHER;
            StaleCaller before = seen.get(name);
            long requests = before == null ? 1 : before.requests() + 1;
            caller = own == null
                    ? new StaleCaller(name, null, null, null, requests, now, passedOn)
                    : new StaleCaller(name, own.issuedAt(), replaced.get(own), end(own), requests, now, passedOn);
            seen.put(name, caller);
        }
        if (caller.requests() == 1) {
            listener.accept(caller);
        }
        return caller.isOver(now);
    }

    /** Returns the claims of a token of this pod; null for anything else. */
    private static @Nullable TokenClaims own(String authorization, TokenClaims pods) {
        try {
            boolean isBearer = authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
            TokenClaims sent = isBearer
                    ? Token.parse(authorization.substring(SCHEME.length())).claims()
                    : null;
            boolean isOwn = sent != null
                    && sent.issuedAt() != null
                    && Objects.equals(sent.subject(), pods.subject())
                    && Objects.equals(sent.pod(), pods.pod())
                    && sent.audience().equals(pods.audience());
            return isOwn ? sent : null;
        } catch (TokenFormatException e) {
            return null;
        }
    }

    private @Nullable Instant end(TokenClaims own) {
        return own.expiresAt() == null ? null : own.expiresAt().plus(leeway);
    }

    private boolean isStale(TokenClaims own, Instant now) {
        if (current.stream().anyMatch(token -> token.claims().equals(own))) {
            return false;
        }
        // For a token that was not seen in the file, the claims show when kubelet replaces it.
        Instant due = replaced.getOrDefault(own, own.rotationDue().orElse(Instant.MAX));
        boolean hasEnded = own.expiresAt() != null && !now.isBefore(own.expiresAt());
        return hasEnded || !now.minus(GRACE).isBefore(due);
    }

    /** The callers of the last {@link #DAY}, in the order in which they were found. */
    public synchronized List<StaleCaller> callers(Instant now) {
        seen.values().removeIf(each -> !now.isBefore(each.lastSeen().plus(DAY)));
        return List.copyOf(seen.values());
    }

    /** Returns the user agent for display: shortened if necessary, in printable ASCII, and with tokens masked. */
    static String name(@Nullable CharSequence userAgent) {
        if (userAgent != null && userAgent.length() > LONGEST_NAMED) {
            return StaleCaller.OTHER;
        }
        String masked = userAgent == null ? "" : TokenMask.masked(userAgent.toString());
        String name = masked.substring(0, Math.min(SHOWN, masked.length()))
                .replaceAll("[^ -~]|[\"\\\\]", "?")
                .strip();
        return name.isEmpty() ? StaleCaller.NONE : name;
    }
}
