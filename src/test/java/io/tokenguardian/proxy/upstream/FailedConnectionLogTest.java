package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.timeout.ReadTimeoutException;
import io.tokenguardian.token.LogRecords;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FailedConnectionLogTest {

    /** Returns the log lines for a connection that fails with {@code cause}. */
    private static List<String> linesFor(Throwable cause) {
        try (LogRecords log = LogRecords.of("io.tokenguardian.proxy")) {
            ProxyLog.connectionFailed(new EmbeddedChannel(), cause);
            return List.copyOf(log.lines());
        }
    }

    static Stream<Throwable> faults() {
        return Stream.of(
                new IllegalStateException("received bytes"),
                new StackOverflowError("received bytes"),
                new DecoderException(new IllegalStateException("received bytes")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultOfTheProgramIsAnErrorWithItsPlaceAndWithoutItsMessage(Throwable cause) {
        assertThat(linesFor(cause))
                .singleElement()
                .asString()
                .startsWith("ERROR connection=")
                .contains(" event=failed cause=java.lang.")
                .contains("(at proxy.upstream.FailedConnectionLogTest.faults:")
                .doesNotContain("received bytes");
    }

    static Stream<Throwable> causesAtTheOtherEnd() {
        return Stream.of(
                new IOException("Connection reset"),
                new ClosedChannelException(),
                new DecoderException(new SSLException("no cipher suites in common")),
                new TooLongFrameException("too long"),
                ReadTimeoutException.INSTANCE);
    }

    @ParameterizedTest
    @MethodSource("causesAtTheOtherEnd")
    void aFailureThatTheOtherEndCausesIsNoError(Throwable cause) {
        assertThat(linesFor(cause)).isEmpty();
    }
}
