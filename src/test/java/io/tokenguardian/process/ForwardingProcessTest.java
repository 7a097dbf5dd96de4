package io.tokenguardian.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwardingProcessTest {
    private static final String NO_SHELL = "/nonexistent/sh";
    private static final int SIGTERM = 15;

    @SuppressWarnings("NullAway.Init") // each test starts a process
    private Process process;

    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder("sleep", "60").start();
    }

    @AfterEach
    void stop() {
        process.destroyForcibly();
    }

    @Test
    void withoutAShellASignalThatEndsProcessesBecomesSigterm() throws Exception {
        ForwardingProcess.send("USR1", process, NO_SHELL);

        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + SIGTERM);
    }

    @Test
    void withoutAShellANewWindowSizeDoesNotEndTheCommand() throws Exception {
        ForwardingProcess.send("WINCH", process, NO_SHELL);

        assertThat(process.waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
    }
}
