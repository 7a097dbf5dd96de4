package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections whose replicas refuse the token for now. */
final class ParkedUpstreams {

    /**
     * One parked connection.
     *
     * @param refusal says until when its replica refuses the token
     * @param nextAttempt when to send the next request over it, in nanoseconds on the monotonic clock
     */
    record Parked(Http1Upstream upstream, EarlyRefusal refusal, long nextAttempt) {

        /**
         * Whether the replica may accept {@code token}: it refused another one, or its clock has reached {@code from}.
         */
        boolean isOpenTo(Token token, long now) {
            return !refusal.token().equals(token)
                    || now - refusal.validityStart().latest() >= 0;
        }
    }

    /** The most connections to keep. Further ones to refusing replicas would give no new information. */
    static final int MAX = 8;

    private static final Comparator<Parked> BY_START = (a, b) -> Long.signum(
            a.refusal().validityStart().latest() - b.refusal().validityStart().latest());

    private final List<Parked> entries = new ArrayList<>();

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Adds a connection that got {@code refusal}. If there are then too many, closes the last one to accept. */
    void add(Http1Upstream upstream, EarlyRefusal refusal, long now) {
        entries.add(new Parked(upstream, refusal, refusal.validityStart().nextAttempt(now)));
        if (entries.size() > MAX) {
            entries.stream().max(BY_START).ifPresent(last -> last.upstream().abort());
        }
    }

    void remove(Http1Upstream upstream) {
        entries.removeIf(each -> each.upstream().equals(upstream));
    }

    @Nullable
    Parked firstToAccept() {
        return entries.stream().min(BY_START).orElse(null);
    }

    /** Removes and returns the connections open to {@code token}. */
    List<Http1Upstream> takeOpenTo(Token token, long now) {
        List<Http1Upstream> open = entries.stream()
                .filter(each -> each.isOpenTo(token, now))
                .map(Parked::upstream)
                .toList();
        open.forEach(this::remove);
        return open;
    }

    void closeAll() {
        List.copyOf(entries).forEach(each -> each.upstream().abort());
    }
}
