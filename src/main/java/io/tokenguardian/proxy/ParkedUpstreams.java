package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections whose replicas refuse the token for now. Each has an {@link EarlyRefusal}, which says until when. */
final class ParkedUpstreams {

    /** The most connections to keep. Further ones to refusing replicas would give no new information. */
    static final int MAX = 8;

    private static final Comparator<Http1Upstream> BY_CROSSING = (a, b) -> Long.signum(latest(a) - latest(b));

    private final List<Http1Upstream> upstreams = new ArrayList<>();

    private static long latest(Http1Upstream upstream) {
        EarlyRefusal refusal = upstream.refusal();
        return refusal == null ? Long.MIN_VALUE / 2 : refusal.crossing().latest();
    }

    boolean isEmpty() {
        return upstreams.isEmpty();
    }

    /** Adds a connection that got {@code refusal}. If there are then too many, closes the last one to cross. */
    void add(Http1Upstream upstream, EarlyRefusal refusal, long now) {
        upstream.nextQuestion(refusal.crossing().nextQuestion(now));
        upstreams.add(upstream);
        if (upstreams.size() > MAX) {
            upstreams.stream().max(BY_CROSSING).ifPresent(Http1Upstream::abort);
        }
    }

    void remove(Http1Upstream upstream) {
        upstreams.remove(upstream);
    }

    @Nullable
    Http1Upstream firstToCross() {
        return upstreams.stream().min(BY_CROSSING).orElse(null);
    }

    /** Removes and returns the connections open to {@code token}: they refused another, or their crossing is past. */
    List<Http1Upstream> takeOpenTo(Token token, long now) {
        List<Http1Upstream> open = new ArrayList<>();
        for (Iterator<Http1Upstream> each = upstreams.iterator(); each.hasNext(); ) {
            Http1Upstream upstream = each.next();
            EarlyRefusal refusal = upstream.refusal();
            if (refusal == null
                    || !refusal.token().equals(token)
                    || now - refusal.crossing().latest() >= 0) {
                each.remove();
                open.add(upstream);
            }
        }
        return open;
    }

    void closeAll() {
        List.copyOf(upstreams).forEach(Http1Upstream::abort);
    }
}
