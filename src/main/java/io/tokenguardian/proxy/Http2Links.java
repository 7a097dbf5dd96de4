package io.tokenguardian.proxy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The HTTP/2 connections of one event loop. One is for all: while it is being made, those who want one wait for it. */
final class Http2Links {

    private final Http2Mode mode;
    private final List<Http2Link> links = new ArrayList<>();
    private final Deque<LeaseRequest> waiting = new ArrayDeque<>();
    private boolean underWay;
    private boolean refused;

    Http2Links(Http2Mode mode) {
        this.mode = mode;
    }

    /** One that takes another stream. */
    @Nullable
    Http2Link free() {
        for (Http2Link link : links) {
            if (link.takesStreams()) {
                return link;
            }
        }
        return null;
    }

    /** Whether HTTP/2 is to be offered for {@code request}, as far as is known of the server. */
    boolean wantedBy(LeaseRequest request) {
        return mode == Http2Mode.AUTO && !refused && !request.http1();
    }

    /** Has {@code request} wait if a connection is under way; else one is from now on, and the caller makes it. */
    boolean joins(LeaseRequest request) {
        if (underWay) {
            waiting.addLast(request);
            return true;
        }
        underWay = true;
        return false;
    }

    void made(Http2Link link) {
        links.add(link);
    }

    /** The server has chosen HTTP/1.1, and will again. */
    void refused() {
        refused = true;
    }

    /** What was under way is over; hands on those who waited for it. */
    void settled(Consumer<LeaseRequest> each) {
        underWay = false;
        List<LeaseRequest> woken = new ArrayList<>(waiting);
        waiting.clear();
        woken.forEach(each);
    }

    void forget(LeaseRequest request) {
        waiting.remove(request);
    }

    void remove(Http2Link link) {
        links.remove(link);
    }

    /** Whether there is one beside {@code link} that takes another stream. */
    boolean canSpare(Http2Link link) {
        return links.stream().anyMatch(other -> !other.equals(link) && other.takesStreams());
    }

    boolean isEmpty() {
        return links.isEmpty();
    }

    /** Ends those without a stream since {@code moment}. */
    void leaveIdleSince(long moment) {
        List.copyOf(links).stream().filter(link -> link.isIdleSince(moment)).forEach(Http2Link::leave);
    }

    void leaveAll() {
        List.copyOf(links).forEach(Http2Link::leave);
    }
}
