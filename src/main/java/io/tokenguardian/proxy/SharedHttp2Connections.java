package io.tokenguardian.proxy;

import io.tokenguardian.proxy.ProxySettings.Http2Mode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The HTTP/2 connections of one event loop, shared by all requests. While one is opened, requests wait for it. */
final class SharedHttp2Connections {

    private final Http2Mode mode;
    private final List<UpstreamHttp2Connection> connections = new ArrayList<>();
    private final Deque<LeaseRequest> waiting = new ArrayDeque<>();
    private boolean connecting;
    private boolean serverChoseHttp1;

    SharedHttp2Connections(Http2Mode mode) {
        this.mode = mode;
    }

    /** A connection that takes another stream; null for none. */
    @Nullable
    UpstreamHttp2Connection free() {
        for (UpstreamHttp2Connection http2 : connections) {
            if (http2.takesStreams()) {
                return http2;
            }
        }
        return null;
    }

    /** Whether to offer HTTP/2 for {@code request}. False once the server has chosen HTTP/1.1. */
    boolean wantedBy(LeaseRequest request) {
        return mode == Http2Mode.AUTO && !serverChoseHttp1 && !request.needsHttp1();
    }

    /** Whether a connection is being opened. */
    boolean isConnecting() {
        return connecting;
    }

    /** Lets {@code request} wait for the connection that is being opened. */
    void enqueue(LeaseRequest request) {
        waiting.addLast(request);
    }

    /** Called when a connection is being opened. */
    void connectBegun() {
        connecting = true;
    }

    void add(UpstreamHttp2Connection http2) {
        connections.add(http2);
    }

    /** Records that the server has chosen HTTP/1.1. HTTP/2 is not offered again. */
    void serverChoseHttp1() {
        serverChoseHttp1 = true;
    }

    /**
     * Called when a connection is open or has failed to open. Passes each request that waited for it to {@code each}.
     */
    void connectEnded(Consumer<LeaseRequest> each) {
        connecting = false;
        List<LeaseRequest> woken = new ArrayList<>(waiting);
        waiting.clear();
        woken.forEach(each);
    }

    void cancel(LeaseRequest request) {
        waiting.remove(request);
    }

    void remove(UpstreamHttp2Connection http2) {
        connections.remove(http2);
    }

    /** Whether a connection other than {@code http2} takes another stream. */
    boolean canSpare(UpstreamHttp2Connection http2) {
        return connections.stream().anyMatch(other -> !other.equals(http2) && other.takesStreams());
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    /** Closes the connections that have had no stream since {@code moment}. */
    void closeIdleSince(long moment) {
        List.copyOf(connections).stream()
                .filter(http2 -> http2.isIdleSince(moment))
                .forEach(UpstreamHttp2Connection::closeAfterStreams);
    }

    void closeAll() {
        List.copyOf(connections).forEach(UpstreamHttp2Connection::closeAfterStreams);
    }
}
