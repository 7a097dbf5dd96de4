package io.tokenguardian.apiserver;

import static io.tokenguardian.apiserver.ScriptedServer.SILENCE;
import static io.tokenguardian.apiserver.ScriptedServer.stay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.NetUtil;
import io.tokenguardian.apiserver.ConnectFailure.Kind;
import io.tokenguardian.apiserver.ScriptedServer.Act;
import io.tokenguardian.laptop.ForwardProxy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which addresses are tried, how often, and what is reported. The next TCP connections fail with the exceptions in
 * {@link #refusals}.
 */
@Timeout(300)
class ConnectorTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final TestAuthority.Identity IDENTITY = AUTHORITY.issue("api.test");
    private static final Duration GENEROUS = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final NameLookUp NO_ADDRESS = host -> {
        throw new UnknownHostException(host);
    };

    private final NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
    private final Bootstrap bootstrap = new Bootstrap().group(eventLoops);
    private final List<String> tried = new CopyOnWriteArrayList<>();
    private final List<IOException> refusals = new CopyOnWriteArrayList<>();
    private volatile Runnable onAttempt = () -> {};

    private final Path ca = AUTHORITY.file();

    @AutoClose
    private final ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> SILENCE);

    private final ApiServerAddress address = new ApiServerAddress("api.test", server.port(), "api.test");

    @AfterEach
    void tearDown() {
        eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** The result of one connection: either a channel or a failure. */
    private record End(@Nullable Channel channel, @Nullable ConnectFailure failed, boolean inEventLoop) {
        ConnectFailure failure() {
            return Objects.requireNonNull(failed, "it was connected");
        }
    }

    /** Records the address, and fails with the next exception of {@link #refusals}. */
    private class ObservedChannel extends NioSocketChannel {
        void observe(SocketAddress remote) {
            tried.add(((InetSocketAddress) remote).getAddress().getHostAddress());
            onAttempt.run();
        }

        @Override
        protected boolean doConnect(SocketAddress remote, SocketAddress local) throws Exception {
            observe(remote);
            if (!refusals.isEmpty()) {
                throw refusals.remove(0);
            }
            return super.doConnect(remote, local);
        }
    }

    private Connector connector(ApiServerAddress address, Duration timeout, NameLookUp names) {
        TlsSetup tls = new TlsSetup(address, new CertificateAuthority(ca), timeout, true, null);
        return connector(address, tls, names);
    }

    private static Connector connector(ApiServerAddress address, TlsSetup tls, NameLookUp names) {
        return new Connector(address, tls, names, Connector.lookUpThread(), Connector.PROBE_ATTEMPTS);
    }

    /** Connects to the server by a name that has these addresses. */
    private End connect(String... addresses) throws Exception {
        return connect(connector(address, GENEROUS, at(addresses)));
    }

    private End connect(Connector connector) throws Exception {
        return connect(connector, ObservedChannel::new);
    }

    private End connect(Connector connector, ChannelFactory<? extends Channel> channels) throws Exception {
        CompletableFuture<End> end = new CompletableFuture<>();
        connector.connect(bootstrap.clone().channelFactory(channels), new Connector.Outcome() {
            @Override
            public void connected(Channel channel) {
                assertThat(end.complete(
                                new End(channel, null, channel.eventLoop().inEventLoop())))
                        .isTrue();
            }

            @Override
            public void failed(ConnectFailure failure) {
                boolean inEventLoop = Thread.currentThread().getName().startsWith("nioEventLoopGroup");
                assertThat(end.complete(new End(null, failure, inEventLoop))).isTrue();
            }
        });
        return end.get();
    }

    private static NameLookUp at(String... addresses) {
        return host -> addresses(addresses);
    }

    static InetAddress[] addresses(String... texts) {
        return Stream.of(texts)
                .map(NetUtil::createInetAddressFromIpAddressString)
                .toArray(InetAddress[]::new);
    }

    private static ConnectException refused() {
        return new ConnectException("Connection refused");
    }

    private ConnectFailure noConnection(Kind kind, String why) {
        return new ConnectFailure(kind, "no connection to " + address + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection refused", "Network is unreachable", "No route to host"})
    void aConnectionRefusedNineTimesFails(String cause) throws Exception {
        refusals.addAll(Collections.nCopies(9, new SocketException(cause)));

        End end = connect("127.0.0.1");

        assertThat(end.failure()).isEqualTo(noConnection(Kind.REFUSED, ": " + cause));
        assertThat(end.inEventLoop()).isTrue();
        assertThat(tried).hasSize(9);
    }

    /** An address of the other IP family may have no network. */
    @ParameterizedTest
    @ValueSource(strings = {"Connection reset by peer", "Network is unreachable"})
    void aConnectionThatFailsIsTriedAgain(String cause) throws Exception {
        refusals.add(new SocketException(cause));

        assertThat(connect("::1", "127.0.0.1").channel()).isNotNull();
    }

    /** CrossCheckTest covers a proxy that connects. */
    private ConnectFailure throughProxy(String proxy, Duration timeout) throws Exception {
        ApiServerAddress address =
                new ApiServerAddress("api.invalid", 443, "api.invalid").through(ForwardProxy.parse(proxy));
        return connect(connector(address, timeout, NO_ADDRESS)).failure();
    }

    /** The bytes to SOCKS are its choice of a method: none, or user and password, which are then refused. */
    static Stream<Arguments> proxies() {
        return Stream.of(
                arguments("http", stay("HTTP/1.1 407 No" + EMPTY), GENEROUS, Kind.FINAL, ": status: 407 No"),
                arguments("http", stay("HTTP/1.0 502 Bad" + EMPTY), GENEROUS, Kind.REFUSED, ": status: 502 Bad"),
                arguments("http", stay("HTTP/1.1 504 Late" + EMPTY), GENEROUS, Kind.REFUSED, ": status: 504 Late"),
                arguments("http", stay("SSH-2.0-x" + EMPTY), GENEROUS, Kind.FINAL, ": status: 999 Unknown"),
                arguments("socks5", stay("\5\u00ff"), GENEROUS, Kind.FINAL, ": unexpected authMethod: UNACCEPTED(255)"),
                arguments("socks5", stay("\5\2\1\1"), GENEROUS, Kind.FINAL, ": authStatus: UNKNOWN(1)"),
                arguments("http", new Act("", Act.After.CLOSE), GENEROUS, Kind.FINAL, ": disconnected"),
                arguments("http", SILENCE, SHORT, Kind.SILENT, ": timeout"));
    }

    private static final String EMPTY = "\r\nContent-Length: 0\r\n\r\n";

    @ParameterizedTest
    @MethodSource("proxies")
    void aProxyThatDoesNotConnectIsReported(String scheme, Act act, Duration timeout, Kind kind, String why)
            throws Exception {
        try (ScriptedServer refusing = ScriptedServer.plain(request -> act)) {
            String proxy = "127.0.0.1:" + refusing.port();

            ConnectFailure failure = throughProxy(scheme + "://me:sec-ret@" + proxy, timeout);

            assertThat(failure)
                    .isEqualTo(new ConnectFailure(
                            kind, "the proxy " + proxy + " did not connect to api.invalid:443" + why));
        }
    }

    @Test
    void aProxyThatRefusesTheConnectionIsNamed() throws Exception {
        refusals.addAll(Collections.nCopies(9, refused()));

        ConnectFailure failure = throughProxy("127.0.0.1:3128", GENEROUS);

        assertThat(failure.explanation()).isEqualTo("no connection to the proxy 127.0.0.1:3128: Connection refused");
        assertThat(tried).containsOnly("127.0.0.1");
    }

    @Test
    void aProxyWhoseNameHasNoAddressIsNamed() throws Exception {
        assertThat(throughProxy("proxy.invalid:1", GENEROUS).explanation())
                .isEqualTo("the name proxy.invalid can't be resolved to an address");
    }

    @Test
    void aProcessWithoutAFreeFileIsReportedOnTheEventLoop() throws Exception {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        ChannelFactory<Channel> exhausted = () -> {
            attempts.incrementAndGet();
            throw new ChannelException("Failed to open a socket.", new IOException("Too many open files"));
        };

        // When
        End end = connect(connector(address, GENEROUS, at("127.0.0.1")), exhausted);

        // Then
        assertThat(end.failure())
                .isEqualTo(noConnection(Kind.FINAL, ": this process can't open a socket: Too many open files"));
        assertThat(end.inEventLoop()).isTrue();
        assertThat(attempts).hasValue(1);
    }

    /** Without /dev/urandom, Java has no random numbers, and throws an error. */
    @Test
    void aProcessThatCantSetUpTlsIsReported() throws Exception {
        TlsSetup tls = new TlsSetup(address, new CertificateAuthority(ca), GENEROUS, true, null) {
            @Override
            SslContext context() {
                throw new ExceptionInInitializerError(new AssertionError("NativePRNG not available"));
            }
        };

        End end = connect(connector(address, tls, at("127.0.0.1")));

        assertThat(end.failure())
                .isEqualTo(noConnection(Kind.FINAL, ": this process can't set up TLS: NativePRNG not available"));
        assertThat(end.inEventLoop()).isTrue();
        assertThat(tried).isEmpty();
    }

    @Test
    void aNameWithoutAnAddressIsReported() throws Exception {
        // When
        End end = connect(connector(address, GENEROUS, NO_ADDRESS));

        // Then
        assertThat(end.failure().explanation()).isEqualTo("the name api.test can't be resolved to an address");
        assertThat(end.inEventLoop()).isTrue();
    }

    @Test
    void aResolverThatDoesNotRespondIsReportedAsSilence() throws Exception {
        // Given
        CompletableFuture<InetAddress[]> never = new CompletableFuture<>();

        // When
        End end = connect(connector(address, SHORT, host -> never.join()));
        never.complete(addresses("127.0.0.1"));

        // Then
        assertThat(end.failure())
                .isEqualTo(new ConnectFailure(
                        Kind.SILENT, "the name api.test was not resolved to an address within 0.2 s"));
    }

    @Test
    void aNameIsNotLookedUpOnTheEventLoop() throws Exception {
        // Given
        CompletableFuture<String> thread = new CompletableFuture<>();

        // When
        connect(connector(address, GENEROUS, host -> {
            thread.complete(Thread.currentThread().getName());
            throw new UnknownHostException(host);
        }));

        // Then
        assertThat(thread.get()).doesNotStartWith("nioEventLoopGroup");
    }

    @Test
    void anAddressIsNotLookedUp() throws Exception {
        // Given
        refusals.addAll(Collections.nCopies(9, refused()));
        ApiServerAddress numeric = new ApiServerAddress("::1", 6443, "api.test");

        // When
        End end = connect(connector(numeric, GENEROUS, NO_ADDRESS));

        // Then
        assertThat(tried).containsOnly("0:0:0:0:0:0:0:1");
        assertThat(end.failure().explanation()).isEqualTo("no connection to [::1]:6443: Connection refused");
    }

    @Test
    void aProcessThatIsStoppingIsReported() throws Exception {
        // Given
        eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();

        // When
        End end = connect("127.0.0.1");

        // Then
        assertThat(end.failure()).isEqualTo(noConnection(Kind.FINAL, ": this process is stopping"));
    }
}
