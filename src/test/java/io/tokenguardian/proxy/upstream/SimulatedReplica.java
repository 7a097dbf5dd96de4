package io.tokenguardian.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A replica of a {@link SimulatedWorld}, with its own clock. */
final class SimulatedReplica {

    /** A header of a 401: the finding. */
    static final String CAUSE = "cause";

    private final SimulatedWorld world;
    private int secondsAhead;
    private boolean withoutKey;

    /** Whether new connections to the replica fail. */
    boolean unreachable;

    /** Whether the replica takes connections and never responds. */
    boolean neverResponds;

    /** Whether the replica does not respond. */
    boolean silent;

    SimulatedReplica(SimulatedWorld world) {
        this.world = world;
    }

    void setClock() {
        secondsAhead = world.random.nextInt(360) - 240;
        withoutKey = world.random.nextInt(10) == 0;
    }

    /** The clock, truncated to seconds. A token's window begins and ends with a whole second. */
    Instant clock() {
        return SimulatedWorld.BEGIN
                .plusNanos(world.now)
                .plusSeconds(secondsAhead)
                .truncatedTo(ChronoUnit.SECONDS);
    }

    private ValidityWindow window(Token token) {
        return ValidityWindow.of(token, world.settings.leeway());
    }

    boolean acceptsNow(Token token) {
        return !withoutKey
                && !clock().isBefore(Objects.requireNonNull(window(token).from()))
                && clock().isBefore(Objects.requireNonNull(window(token).until()));
    }

    /**
     * A connection, as the replica sees it. The replica judges the token when the headers arrive. Until the world is
     * calm, some responses are slow, show nothing about the token, or end the connection.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // a close in a simulation succeeds at once
    final class Connection {

        private static final int CALM = 1_000;

        final SimulatedChannel channel = new SimulatedChannel(world.loop.eventLoop(), world.allocator, this::receive);
        boolean hasResponded;
        private boolean proxyCloses;
        private final StringBuilder received = new StringBuilder();
        private final Map<Token, Long> refusedAt = new HashMap<>();

        /** The token of the request in progress; null for none. */
        private @Nullable Token sent;

        /** The tokens for which the latest response was an acceptance. */
        private final Set<Token> accepted = new HashSet<>();

        private boolean toProof;

        /** Whether the latest request was sent without a proof, which then follows an unmarked 401. */
        private boolean unproven;

        /** Whether a gateway responds to the request in progress, whatever its token is. */
        private boolean byGateway;

        /** Whether the latest response showed nothing about a token. */
        private boolean showsNothing;

        private boolean accepts;
        private int bodyLeft;

        /** Whether the server will send nothing more. */
        private boolean mute;

        Connection() {
            channel.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
                /** In half of the worlds, a close takes as long as TLS may take. */
                @Override
                public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                    proxyCloses = true;
                    world.after(world.seed % 2 * world.random.nextInt(3_000), () -> ctx.close(promise));
                }
            });
        }

        /** Whether the connection is idle, and the replica has accepted a token in {@code usable}. */
        boolean isIdleFor(List<Token> usable) {
            return sent == null
                    && usable.stream().anyMatch(accepted::contains)
                    && !mute
                    && !proxyCloses
                    && channel.isActive();
        }

        boolean isBeingProven() {
            return sent != null && toProof;
        }

        private void receive(ByteBuf bytes) {
            world.rules.check(!proxyCloses, "a request is sent over a connection that is being closed");
            received.append(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
            int end = received.indexOf("\r\n\r\n") + 4;
            if (sent == null && end >= 4) {
                begin(received.substring(0, end));
                received.delete(0, end);
            }
            int part = Math.min(bodyLeft, received.length());
            received.delete(0, part);
            bodyLeft -= part;
            if (part > 0 && bodyLeft == 0 && accepts) {
                respond();
            }
        }

        private void begin(String head) {
            Token token = world.tokenIn(head);
            sent = token;
            toProof = ScriptedServer.isProof(head);
            byGateway = world.seed % 9 == 0 && head.startsWith("GET /version");
            world.rules.check(
                    toProof
                            || accepted.contains(token)
                            || showsNothing
                            || world.pool.search().hasGivenUp(world.now)
                            || world.rules.closes,
                    "a request is sent over a connection that is not proven");
            if (!toProof) {
                unproven = !accepted.contains(token);
                world.rules.givenUpAt = world.pool.search().hasGivenUp(world.now) ? world.now : world.rules.givenUpAt;
            }
            bodyLeft = ScriptedServer.bodyLength(head);
            accepts = byGateway || acceptsNow(token);
            boolean refused = !accepts
                    && !(toProof && (unproven || world.seed % 3 == 0)) // a proof follows an unmarked 401
                    && world.now - refusedAt.getOrDefault(token, -SimulatedWorld.SECOND) < SimulatedWorld.SECOND;
            world.rules.check(
                    !refused
                            || world.source.usable().stream()
                                    .noneMatch(other -> acceptsNow(other) && !refusedAt.containsKey(other)),
                    "a replica gets a token that it has just refused instead of a token that it accepts");
            if (bodyLeft == 0 || !accepts) {
                respond();
            }
        }

        private void respond() {
            int lot = world.isCalm() ? CALM : world.random.nextInt(200);
            mute |= lot == 0 || silent || (neverResponds && !world.isCalm());
            if (mute) {
                world.after(5_000, this::close);
                return;
            }
            int status = !accepts ? 401 : lot == 1 ? 503 : 200;
            afterIfOpen(1 + world.random.nextInt(30), () -> respond(status, lot));
        }

        private void respond(int status, int lot) {
            String head = "HTTP/1.1 " + status + " Word\r\nContent-Length: 4\r\nDate: "
                    + DateTimeFormatter.RFC_1123_DATE_TIME.format(clock().atOffset(ZoneOffset.UTC))
                    + (status == 200 && world.seed % 3 > 0 ? ScriptedServer.MARK : "")
                    + (status == 401 && !unproven ? "\r\n" + CAUSE + ": " + cause(Objects.requireNonNull(sent)) : "")
                    + (lot == 2 ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
            world.rules.closes |= lot < 5; // announced, or in the middle of the response
            if (!byGateway) {
                show(status, Objects.requireNonNull(sent));
            }
            if (lot > 20) {
                send(head + "text", true);
                return;
            }
            send(head, false);
            if (lot < 5) {
                world.after(10, this::close);
            }
            afterIfOpen(lot == 6 ? 1_500 : 5 * lot, () -> send("text", true));
        }

        private String cause(Token token) {
            return window(token).refusedAt(clock()).word();
        }

        /** Records what the headers of a response show. A 401 for no known cause may be about the request. */
        private void show(int status, Token token) {
            Finding cause = status == 401 ? window(token).refusedAt(clock()) : null;
            boolean crosses = clock().equals(window(token).from()); // it is probed again at once
            boolean byClock = !crosses && (cause == Finding.NOT_YET_VALID || cause == Finding.EXPIRED);
            boolean marks = world.seed % 3 > 0; // otherwise, only the 401 to a proof is known to be the replica's own
            if (toProof ? byClock || cause == Finding.REFUSED : byClock && marks) {
                refusedAt.put(token, world.now);
            } else if (status == 200) {
                refusedAt.remove(token);
            }
            showsNothing = status == 503;
            if (status == 200) {
                accepted.add(token);
                world.rules.row = toProof || unproven ? 0 : world.rules.row;
            } else if (status == 401) {
                accepted.remove(token);
            }
            world.rules.responded(status, token, !hasResponded);
            hasResponded = true;
        }

        private void send(String text, boolean last) {
            sent = last ? null : sent;
            channel.respond(text);
        }

        private void afterIfOpen(int millis, Runnable action) {
            world.after(millis, () -> {
                if (channel.isActive() && !mute) {
                    action.run();
                }
            });
        }

        /** Closes the connection. In half of the cases, a close_notify comes first. */
        void leave() {
            mute = world.random.nextBoolean();
            world.rules.closes |= isBeingProven();
            if (mute) {
                channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
            }
            world.after(mute ? world.random.nextInt(60) : 0, this::close);
        }

        private void close() {
            if (sent != null && channel.isActive()) {
                world.rules.lost++;
            }
            if (channel.isOpen()) {
                channel.pipeline().firstContext().close();
            }
        }
    }
}
