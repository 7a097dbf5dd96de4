package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.proxy.caller.CallerHandler;
import io.tokenguardian.proxy.caller.LoopCallers;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LoopCallersTest extends ScriptedProxyTest {

    @Test
    void aCallerThatIsAcceptedDuringAShutdownIsClosedAtOnce() throws IOException {
        start(ScriptedServer.Connection::readHead);

        // Given
        EmbeddedChannel late = new EmbeddedChannel();
        UpstreamPool upstreams = UpstreamPools.on(late.eventLoop(), System::nanoTime);
        LoopCallers loop = new LoopCallers(UpstreamPools.stateOf(upstreams));
        loop.drain();

        // When
        new CallerHandler(proxy.proxy().context(), loop, late).install();

        // Then
        assertThat(late.isOpen()).isFalse();
    }
}
