package io.tokenguardian.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutOfMemoryTest {
    @ParameterizedTest
    @ValueSource(strings = {"eventLoop", "thread", "direct"})
    void itEndsTheProcessWithOneLineAndACodeOfItsOwn(String where) throws Exception {
        Process process = run(where);

        assertThat(said(process)).containsExactly("token-guardian: out of memory");
        assertThat(process.waitFor()).isEqualTo(OutOfMemory.EXIT_CODE);
    }

    @Test
    void anyOtherErrorDoesNot() throws Exception {
        Process process = run("other");

        assertThat(said(process)).anyMatch(line -> line.contains("StackOverflowError"));
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void itIsSeenThroughWhatWrapsIt() {
        assertThat(OutOfMemory.isOutOfMemory(new IllegalStateException(new IOException(new OutOfMemoryError()))))
                .isTrue();
        assertThat(OutOfMemory.isOutOfMemory(new IllegalStateException())).isFalse();
        assertThat(OutOfMemory.isOutOfMemory(null)).isFalse();
    }

    /** Returns the process's output, without the JVM's warnings about Netty. */
    private static List<String> said(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("WARNING: "))
                .toList();
    }

    private static Process run(String where) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-XX:MaxDirectMemorySize=64k",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Failing.class.getName(),
                        where))
                .redirectErrorStream(true)
                .start();
    }

    /** A separate program, because the test must survive when it fails. */
    static final class Failing {
        private Failing() {}

        public static void main(String[] arguments) throws Exception {
            Handler console = new ConsoleHandler();
            console.setFilter(new LogFilter());
            Logger.getLogger("").addHandler(console);
            OutOfMemory.exitOnOutOfMemory();
            switch (arguments[0]) {
                case "eventLoop" -> onEventLoop(Failing::fillTheHeap);
                case "direct" ->
                    onEventLoop(() ->
                            PooledByteBufAllocator.DEFAULT.directBuffer(1 << 20).release());
                case "thread" -> {
                    Thread thread = new Thread(Failing::fillTheHeap);
                    thread.start();
                    thread.join();
                }
                default ->
                    onEventLoop(() -> {
                        throw new StackOverflowError();
                    });
            }
            System.exit(0);
        }

        private static void onEventLoop(Runnable task) throws InterruptedException {
            CountDownLatch done = new CountDownLatch(1);
            NioEventLoopGroup loops = new NioEventLoopGroup(1);
            loops.execute(task);
            loops.execute(done::countDown);
            done.await();
        }

        private static void fillTheHeap() {
            throw new AssertionError(new long[Integer.MAX_VALUE - 8].length);
        }
    }
}
