package io.tokenguardian.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.util.AsciiString;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.caller.CallerTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenFormatException;
import io.tokenguardian.token.TokenMask;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds callers that send their own token after it has been replaced in the file, such as an app that read its token
 * only once. A token that is in the file now is recognized by its bytes, an older token by its claims. Only the claims
 * of older tokens are kept. A placeholder ({@link Token#placeholder}) counts as the token from which it was made.
 *
 * <p>Thread-safe. Instants are on the local time line, which is used instead of the API server's clock.
 */
public final class StaleCallers implements Consumer<TokenStatus>, CallerTokens {

    /**
     * How long a caller may send a replaced token without counting as stale. Client libraries read the file again every
     * minute, and kubelet may be two minutes late in replacing the token.
     */
    static final Duration GRACE = Duration.ofMinutes(5);

    /**
     * How long a user agent is kept after its last request with an old token. Also the time between two reports about
     * the same user agent.
     */
    static final Duration DAY = Duration.ofDays(1);

    /** The maximum number of user agents that are distinguished. */
    static final int MOST_NAMED = 16;

    /** The maximum number of replaced tokens whose claims are kept. */
    static final int MOST_REPLACED = 32;

    /** The maximum length of a user agent, in characters. */
    static final int LONGEST_NAME = 64;

    /** How many characters of a user agent are searched for tokens. */
    private static final int LONGEST_MASKED = 256;

    /**
     * How long the result of decoding one token also applies to further requests with the same user agent. Decoding a
     * token costs more than sending one.
     */
    static final Duration BETWEEN_DECODINGS = Duration.ofSeconds(1);

    private static final String SCHEME = "Bearer ";

    /**
     * @param decodedAt when the caller's token was last decoded
     * @param reportedAt when the caller was last reported
     * @param isReport whether the caller has to be reported now
     */
    private record Seen(StaleCaller caller, Instant decodedAt, Instant reportedAt, boolean isReport) {}

    private final Duration leeway;
    private final boolean passedOn;
    private final List<Consumer<StaleCaller>> listeners = new CopyOnWriteArrayList<>();

    /** The bytes of the current tokens and of their placeholders. */
    private volatile byte[][] newest = {};

    private List<Token> current = List.of();
    private final Map<TokenClaims, Instant> replaced = new LinkedHashMap<>();
    private final Map<String, Seen> seen = new LinkedHashMap<>();

    /** The user agents whose token did not count as stale, each with the time at which that result expires. */
    private final Map<String, Instant> fresh = new LinkedHashMap<>();

    /**
     * @param leeway the API server's leeway on the token's times
     * @param passedOn whether callers' own tokens are passed on unchanged
     */
    StaleCallers(Duration leeway, boolean passedOn) {
        this.leeway = leeway;
        this.passedOn = passedOn;
    }

    /**
     * Adds a listener, which is called for each user agent that is found, and again after a {@link #DAY} if that user
     * agent still sends an old token. The listener is called on an event loop and must return at once.
     */
    public void onReport(Consumer<StaleCaller> listener) {
        listeners.add(listener);
    }

    /**
     * Receives the tokens that callers may send: the token in use, the newest token, and a token that only some
     * replicas accept.
     */
    @Override
    public void accept(TokenStatus tokenStatus) {
        TokenStatus.Candidate candidate = tokenStatus.candidate();
        List<Token> next = Stream.of(
                        tokenStatus.token(),
                        candidate == null ? null : candidate.token(),
                        tokenStatus.isAccepted() ? null : tokenStatus.usableToken())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        if (tokenStatus.token() != null) {
            take(next, tokenStatus.at());
        }
    }

    private synchronized void take(List<Token> next, Instant now) {
        if (next.equals(current)) {
            return;
        }
        current.stream().filter(token -> !next.contains(token)).forEach(token -> replaced.put(token.claims(), now));
        next.forEach(token -> replaced.remove(token.claims()));
        while (replaced.size() > MOST_REPLACED) {
            replaced.remove(replaced.keySet().iterator().next());
        }
        current = next;
        newest = next.stream()
                .flatMap(token -> Stream.of(token.bearer(), token.placeholder()))
                .map(text -> text.getBytes(ISO_8859_1))
                .toArray(byte[][]::new);
    }

    /**
     * {@inheritDoc}
     *
     * <p>For most requests with a token, this comparison of bytes is enough. The JDK compares eight or more bytes at a
     * time, so the duration of the comparison does not reveal a token.
     */
    @Override
    public boolean isNewest(AsciiString authorization) {
        for (byte[] text : newest) {
            if (authorization.length() == SCHEME.length() + text.length) {
                int end = authorization.arrayOffset() + authorization.length();
                if (Arrays.equals(authorization.array(), end - text.length, end, text, 0, text.length)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public boolean count(CharSequence authorization, @Nullable CharSequence userAgent, Instant now) {
        Seen counted = add(authorization, name(userAgent), now);
        if (counted == null) {
            return false;
        }
        if (counted.isReport()) {
            listeners.forEach(listener -> listener.accept(counted.caller()));
        }
        return counted.caller().isOver(now);
    }

    private synchronized @Nullable Seen add(CharSequence authorization, String userAgent, Instant now) {
        forget(now);
        int named = seen.size() - (seen.containsKey(StaleCaller.OTHER) ? 1 : 0);
        boolean isRoom = seen.containsKey(userAgent) || named < MOST_NAMED;
        String name = isRoom ? userAgent : StaleCaller.OTHER;
        String freshName = fresh.containsKey(userAgent) || fresh.size() < MOST_NAMED ? userAgent : StaleCaller.OTHER;
        if (fresh.containsKey(freshName)) {
            return null;
        }
        Seen before = seen.get(name);
        boolean isDecoded = before != null && now.isBefore(before.decodedAt().plus(BETWEEN_DECODINGS));
        StaleCaller sent = before != null && isDecoded ? before.caller() : decode(authorization, name, now);
        if (sent == null) {
            fresh.put(freshName, now.plus(BETWEEN_DECODINGS));
            return null;
        }
        Seen counted;
        if (before == null) {
            counted = new Seen(sent.counted(1, now), now, now, true);
        } else {
            boolean isReport = !now.isBefore(before.reportedAt().plus(DAY));
            counted = new Seen(
                    sent.counted(before.caller().requests() + 1, now),
                    isDecoded ? before.decodedAt() : now,
                    isReport ? now : before.reportedAt(),
                    isReport);
        }
        seen.put(name, counted);
        return counted;
    }

    /** Returns the caller that sent {@code authorization}; null if it does not count as stale. */
    private @Nullable StaleCaller decode(CharSequence authorization, String name, Instant now) {
        if (current.isEmpty()) {
            return null;
        }
        TokenClaims claims = claims(authorization.toString());
        TokenClaims own = current.get(0).claims();
        if (claims == null || claims.issuedAt() == null || !isOfSamePod(claims, own)) {
            return new StaleCaller(name, null, null, null, 0, now, passedOn);
        }
        if (current.stream().anyMatch(token -> token.claims().equals(claims))) {
            return null;
        }
        Instant replacedAt = replaced.get(claims);
        // For a token that was not seen in the file, the claims show when kubelet replaces it.
        Instant due = replacedAt == null ? claims.rotationDue().orElse(Instant.MAX) : replacedAt;
        Instant end = claims.expiresAt();
        boolean isOver = end != null && !now.isBefore(end);
        if (!isOver && now.minus(GRACE).isBefore(due)) {
            return null;
        }
        Instant wouldFailAt = end == null ? null : end.plus(leeway);
        return new StaleCaller(name, claims.issuedAt(), replacedAt, wouldFailAt, 0, now, passedOn);
    }

    private static boolean isOfSamePod(TokenClaims claims, TokenClaims own) {
        return Objects.equals(claims.subject(), own.subject())
                && Objects.equals(claims.pod(), own.pod())
                && claims.audience().equals(own.audience());
    }

    /** Returns the claims of a bearer token; null if the header contains no token. */
    private static @Nullable TokenClaims claims(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        try {
            return Token.parse(authorization.substring(SCHEME.length())).claims();
        } catch (TokenFormatException e) {
            return null;
        }
    }

    /** The callers of the last {@link #DAY}, in the order in which they were found. */
    public synchronized List<StaleCaller> callers(Instant now) {
        forget(now);
        return seen.values().stream().map(Seen::caller).toList();
    }

    private void forget(Instant now) {
        seen.values().removeIf(each -> !now.isBefore(each.caller().lastSeen().plus(DAY)));
        fresh.values().removeIf(until -> !now.isBefore(until));
    }

    /** Returns the user agent for display: shortened if necessary, in printable ASCII, and with tokens masked. */
    static String name(@Nullable CharSequence userAgent) {
        String text = userAgent == null ? "" : userAgent.toString();
        if (text.length() > LONGEST_MASKED) {
            // A word that has been cut off might be part of a token, which would then not be masked.
            text = text.substring(0, LONGEST_MASKED);
            int end = text.lastIndexOf(' ');
            if (end <= 0) {
                return StaleCaller.OTHER;
            }
            text = text.substring(0, end);
        }
        String masked = TokenMask.masked(text);
        StringBuilder name = new StringBuilder();
        masked.chars().limit(LONGEST_NAME).forEach(c -> name.append(isPlain(c) ? (char) c : '?'));
        String shown = name.toString().strip();
        return shown.isEmpty() ? StaleCaller.NONE : shown;
    }

    private static boolean isPlain(int c) {
        return c >= ' ' && c <= '~' && c != '"' && c != '\\';
    }
}
