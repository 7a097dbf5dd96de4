package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connections to replicas that refuse the token for now; each knows until when. */
final class AsideUpstreams {

    /** More connections than this to replicas that refuse tell nothing new. */
    static final int MAX = 8;

    private static final Comparator<Http1Upstream> FIRST_TO_CROSS = (a, b) -> Long.signum(latest(a) - latest(b));

    private final List<Http1Upstream> upstreams = new ArrayList<>();

    private static long latest(Http1Upstream upstream) {
        Refusal refusal = upstream.refusal();
        return refusal == null ? Long.MIN_VALUE / 2 : refusal.crossing().latest();
    }

    boolean isEmpty() {
        return upstreams.isEmpty();
    }

    /** Adds one that was refused with {@code refusal}; when there are too many, the last to cross is closed. */
    void add(Http1Upstream upstream, Refusal refusal, long now) {
        upstream.nextQuestion(refusal.crossing().nextQuestion(now));
        upstreams.add(upstream);
        if (upstreams.size() > MAX) {
            upstreams.stream().max(FIRST_TO_CROSS).ifPresent(Http1Upstream::abort);
        }
    }

    void remove(Http1Upstream upstream) {
        upstreams.remove(upstream);
    }

    @Nullable
    Http1Upstream firstToCross() {
        return upstreams.stream().min(FIRST_TO_CROSS).orElse(null);
    }

    /** Takes out those that {@code token} may be tried on: it is another one, or their moment is past. */
    List<Http1Upstream> takeOpenTo(@Nullable Token token, long now) {
        List<Http1Upstream> open = new ArrayList<>();
        for (Iterator<Http1Upstream> each = upstreams.iterator(); each.hasNext(); ) {
            Http1Upstream upstream = each.next();
            Refusal refusal = upstream.refusal();
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
