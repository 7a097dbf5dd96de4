package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.proxy.caller.CallerHandler;
import io.tokenguardian.proxy.caller.LoopCallers;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LoopCallersTest {

    @Test
    void aCallerThatIsAcceptedDuringAShutdownIsClosedAtOnce() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::readHead);
                RunningProxy proxy = RunningProxy.before(server)) {
            // Given
            EmbeddedChannel caller = new EmbeddedChannel();
            UpstreamPool upstreams = UpstreamPools.on(caller.eventLoop(), System::nanoTime);
            LoopCallers loop = new LoopCallers(UpstreamPools.stateOf(upstreams));
            loop.drain();

            // When
            new CallerHandler(proxy.proxy().context(), loop, caller).install();

            // Then
            assertThat(caller.isOpen()).isFalse();
        }
    }
}
