package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.DiscoveringApiServer;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenFormatException;
import io.tokenguardian.token.TokenReading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas with different addresses. One of them accepts connections and never responds. No probe of this replica ends
 * within a test, because the timeouts are longer.
 */
class SilentReplicaTest {
    private static final Timeouts LONGER_THAN_A_TEST = new Timeouts(Duration.ofDays(1), Duration.ofDays(1));

    private final Timeline timeline = Timeline.system();
    private final EventLoopGroup eventLoops = new NioEventLoopGroup(1);
    private final TokenSource tokenSource = new TokenSource();
    private StandInApiServer replicas;
    private Guardian guardian;
    private GuardianLoop loop;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        replicas = StandInApiServer.builder().replicas(3).start();
        CertificateAuthority authority =
                new CertificateAuthority(Files.writeString(directory.resolve("ca.crt"), replicas.caPem()));
        replicas.selection(ReplicaSelection.order(0));
        ApiServer service = at(new ApiServerAddress("127.0.0.1", replicas.port(), "127.0.0.1"), authority);
        guardian = new Guardian(
                new DiscoveringApiServer(service, address -> at(address, authority), timeline),
                World.RULES,
                timeline,
                () -> 0.5,
                tokenSource);
        loop = new GuardianLoop(guardian, timeline);
        loop.start();
    }

    private ApiServer at(ApiServerAddress address, CertificateAuthority authority) {
        return new HttpsApiServer(address, authority, null, "test", eventLoops, timeline, LONGER_THAN_A_TEST);
    }

    @AfterEach
    void stop() {
        loop.close();
        replicas.close();
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void aRotatedTokenIsInUseAlthoughOneReplicaNeverResponds() throws Exception {
        read(token());
        await().until(() -> guardian.tokenStatus().isAccepted());
        replicas.replica(2).fault(new Fault.SilentConnection());

        Token next = token();
        read(next);

        await().until(() -> next.equals(guardian.tokenStatus().acceptedToken()));
        assertThat(tokenSource.best()).isEqualTo(next);
        assertThat(loop.threads()).allMatch(ThreadState::isHealthy);
    }

    @Test
    void theFirstTokenIsUsableAndNotAcceptedWhileAReplicaIsSilent() throws Exception {
        replicas.replica(2).fault(new Fault.SilentConnection());

        Token first = token();
        read(first);

        await().until(() -> replicas.replica(1).requests().size() > 0);
        await().until(() -> tokenSource.usable().contains(first));
        assertThat(guardian.tokenStatus().isAccepted()).isFalse();
    }

    private Token token() throws TokenFormatException {
        return Token.parse(replicas.issue());
    }

    private void read(Token token) {
        loop.submit(new TokenReading.Present(token, timeline.instant()));
    }
}
