package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelException;
import java.net.SocketException;
import org.junit.jupiter.api.Test;

class FaultTest {
    private static final ApiServerAddress ADDRESS = ApiServerAddress.parse("https://127.0.0.1:6443", null);

    /** As Netty has it where the channel can't be made. */
    @Test
    void theWantOfFileDescriptorsIsTold() {
        Throwable cause = new ChannelException(
                "Unable to create Channel", new ChannelException("Failed to open a socket.", noFiles()));

        assertThat(Fault.connecting(ADDRESS, Timeouts.DEFAULT, cause))
                .hasMessage("no connection to 127.0.0.1:6443: this process may open no more files (ulimit -n)");
    }

    private static SocketException noFiles() {
        return new SocketException("Too many open files");
    }
}
