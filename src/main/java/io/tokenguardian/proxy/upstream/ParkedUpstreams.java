package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections whose replicas refuse all usable tokens for now. */
final class ParkedUpstreams {

    /**
     * One parked connection.
     *
     * @param start when its replica accepts a token that is not yet valid there; null if it refuses all tokens for
     *     other reasons
     * @param nextAttempt when to send the next request over it, in nanoseconds on the monotonic clock
     */
    record Parked(Upstream upstream, @Nullable ValidityStart start, long nextAttempt) {}

    /** The most connections to keep for one event loop. The proxy has two event loops, so 32 in total. */
    static final int MAX = 16;

    /** Replicas that refuse all tokens for other reasons come last. */
    private static final Comparator<Parked> BY_START =
            Comparator.comparing(Parked::start, Comparator.nullsLast(ValidityStart.BY_LATEST));

    private final List<Parked> entries = new ArrayList<>();

    /** Whether a connection that was parked is leased to a waiting request. */
    private boolean trying;

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Adds a connection. If they are too many, closes the connection whose replica will accept last. */
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
     * The connection whose replica is the first to accept a token that is not yet valid; null for none. Only one
     * connection is tried at a time. Its response may take long; meanwhile new connections are opened.
     */
    @Nullable
    Parked firstToTry() {
        Parked first = trying ? null : entries.stream().min(BY_START).orElse(null);
        return first == null || first.start() == null ? null : first;
    }

    /** Removes {@code first}, which is leased to a waiting request. */
    void tryFirst(Parked first) {
        remove(first.upstream());
        trying = true;
    }

    /** Called when the attempt over that connection has ended. */
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

    /** Removes and returns the connections whose replicas may accept a token of {@code usable} now. */
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
