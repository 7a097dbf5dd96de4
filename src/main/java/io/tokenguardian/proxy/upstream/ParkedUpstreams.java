package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop that are set aside, because their replicas refuse all usable tokens for now. */
final class ParkedUpstreams {

    /**
     * @param start when its replica begins to accept a token that it refuses as not yet valid; null if it refuses all
     *     tokens for other reasons
     * @param nextAttempt when to send the next request over the connection
     */
    record Parked(Upstream upstream, @Nullable ValidityStart start, long nextAttempt) {}

    /** The proxy has two event loops, so the total is 32. */
    static final int MAX = 16;

    private static final Comparator<Parked> BY_START =
            Comparator.comparing(Parked::start, Comparator.nullsLast(ValidityStart.BY_LATEST));

    private final List<Parked> entries = new ArrayList<>();

    /** Whether a waiting request is trying a connection that was parked. */
    private boolean trying;

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** If too many connections are then parked, closes the connection whose replica will be the last to accept. */
    void add(Upstream upstream, long now) {
        ValidityStart start = upstream.tokens().firstStart();
        entries.add(new Parked(upstream, start, start == null ? 0 : start.nextAttempt(now)));
        if (entries.size() > MAX) {
            entries.stream().max(BY_START).ifPresent(last -> last.upstream().abort());
        }
    }

    void remove(Upstream upstream) {
        entries.removeIf(each -> each.upstream().equals(upstream));
    }

    /**
     * Returns the connection whose replica will accept first; null for none. Only one parked connection is tried at a
     * time, because its response may take long. New connections are opened in the meantime.
     */
    @Nullable
    Parked firstToTry() {
        Parked first = trying ? null : entries.stream().min(BY_START).orElse(null);
        return first == null || first.start() == null ? null : first;
    }

    void tryFirst(Parked first) {
        remove(first.upstream());
        trying = true;
    }

    void tryEnded() {
        trying = false;
    }

    /** Removes and returns a connection whose replica refuses all tokens for other reasons; null for none. */
    @Nullable
    Upstream takeRefusing() {
        Upstream refusing = entries.stream()
                .filter(each -> each.start() == null)
                .map(Parked::upstream)
                .findAny()
                .orElse(null);
        if (refusing != null) {
            remove(refusing);
        }
        return refusing;
    }

    List<Upstream> takeOpenTo(List<Token> usable, long now) {
        List<Upstream> open = entries.stream()
                .map(Parked::upstream)
                .filter(upstream -> upstream.tokens().mayAcceptOneOf(usable, now))
                .toList();
        open.forEach(this::remove);
        return open;
    }

    void closeAll() {
        List.copyOf(entries).forEach(each -> each.upstream().abort());
    }
}
