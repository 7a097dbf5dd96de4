package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventLoopStateTest {

    @Test
    void aCallerThatIsAcceptedDuringAShutdownIsClosedAtOnce() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::readHead);
                RunningProxy proxy = RunningProxy.before(server)) {
            // Given
            EmbeddedChannel caller = new EmbeddedChannel();
            UpstreamPool upstreams = UpstreamPools.on(caller.eventLoop(), System::nanoTime);
            EventLoopState loopState = new EventLoopState(caller.eventLoop(), upstreams, Optional::empty);
            loopState.drain();

            // When
            new CallerHandler(proxy.proxy().context(), loopState, caller).install();

            // Then
            assertThat(caller.isOpen()).isFalse();
        }
    }
}
