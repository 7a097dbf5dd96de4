package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** If an API server is unreachable, a caller of the proxy reads the same sentence as a reader of the verdict. */
@Timeout(300)
class SameSentenceTest {
    private static final Duration GENEROUS = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    Path directory;

    /** A fault and its sentence; {at} and {ca} in the sentence stand for the address and the file. */
    record Case(
            String what,
            @Nullable Fault fault,
            UnaryOperator<ApiServerAddress> address,
            String ca,
            Duration timeout,
            int status,
            String sentence) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Arguments> cases() {
        UnaryOperator<ApiServerAddress> same = address -> address;
        return Stream.of(
                        new Case(
                                "closed port",
                                null,
                                address -> new ApiServerAddress("127.0.0.9", address.port(), "127.0.0.1"),
                                "ca.crt",
                                GENEROUS,
                                502,
                                "no connection to {at}: refused, nothing listens there"),
                        new Case(
                                "refused handshake",
                                new Fault.RefuseConnection(),
                                same,
                                "ca.crt",
                                GENEROUS,
                                502,
                                "{at} closed the connection during the TLS handshake"),
                        new Case(
                                "plain HTTP",
                                new Fault.PlainHttp(),
                                same,
                                "ca.crt",
                                GENEROUS,
                                502,
                                "{at} answered in plain HTTP, not TLS"),
                        new Case(
                                "another CA",
                                Fault.otherAuthority(),
                                same,
                                "ca.crt",
                                GENEROUS,
                                502,
                                "the certificate of {at} is signed by an authority that is not in {ca}"),
                        new Case(
                                "another name",
                                null,
                                address -> new ApiServerAddress(address.host(), address.port(), "other.test"),
                                "ca.crt",
                                GENEROUS,
                                502,
                                "not for other.test"),
                        new Case(
                                "silence",
                                new Fault.SilentConnection(),
                                same,
                                "ca.crt",
                                SHORT,
                                504,
                                "{at} accepted the connection, but did not complete the TLS handshake within 0.3 s"),
                        new Case(
                                "no such name",
                                null,
                                address -> new ApiServerAddress("api.invalid", address.port(), "api.invalid"),
                                "ca.crt",
                                GENEROUS,
                                502,
                                "the name api.invalid can't be resolved to an address"),
                        new Case(
                                "no CA file", null, same, "none.crt", GENEROUS, 502, "the CA file {ca} does not exist"))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void callersReadTheSentenceOfTheVerdict(Case test) throws Exception {
        // Given
        try (StandInApiServer server = StandInApiServer.builder().start()) {
            Files.writeString(directory.resolve("ca.crt"), server.caPem());
            Path ca = directory.resolve(test.ca());
            if (test.fault() != null) {
                server.fault(test.fault());
            }
            ApiServerAddress address =
                    test.address().apply(new ApiServerAddress("127.0.0.1", server.port(), "127.0.0.1"));
            Token token = TestTokens.parse(server.issue());

            // When
            String verdict = verdict(address, ca, test.timeout(), token);
            String answer = answer(address, ca, test.timeout(), token);

            // Then
            assertThat(verdict)
                    .contains(test.sentence()
                            .replace("{at}", address.hostAndPort())
                            .replace("{ca}", ca.toString()));
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + test.status() + " ")
                    .contains(": " + verdict + "\"")
                    .contains("retry-after: 1\r\n");
        }
    }

    private static String verdict(ApiServerAddress address, Path ca, Duration timeout, Token token) {
        NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
        HttpsApiServer apiServer = new HttpsApiServer(
                address,
                new CertificateAuthority(ca),
                null,
                "token-guardian/test",
                eventLoops,
                InstantSource.system(),
                new Timeouts(timeout, GENEROUS));
        try (ProbeConnection probeConnection = apiServer.open()) {
            ProbeResult answer = probeConnection.probe(token).join();
            return ((ProbeOutcome.Unreachable) answer.outcome()).explanation();
        } finally {
            eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static String answer(ApiServerAddress address, Path ca, Duration timeout, Token token) throws Exception {
        ProxySettings settings = new SettingsDraft().connectTimeout(timeout).settings();
        try (RunningProxy proxy = new RunningProxy(address, new CertificateAuthority(ca), settings, 1).using(token);
                RawCaller caller = proxy.call()) {
            return caller.get("/version", "").readAnswer();
        }
    }
}
