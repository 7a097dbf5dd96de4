package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.nio.NioEventLoopGroup;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.laptop.CrossCheck;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state that dev mode starts with. */
class DevClusterTest {

    @TempDir
    Path directory;

    private DevCluster cluster;
    private Path kubeconfig;

    @BeforeEach
    void start() {
        cluster = new DevCluster(URI.create("https://127.0.0.1:0"), directory.resolve("mount/token"), 8002, 8001, 9000);
        kubeconfig = directory.resolve("mount-kubeconfig");
        cluster.start(new StartupEvent());
    }

    @AfterEach
    void stop() {
        cluster.stop(new ShutdownEvent());
    }

    @Test
    void checkAndExplainNameTheClockThatIsTwoMinutesBehind() throws Exception {
        // Given
        NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
        try {
            CrossCheck crossCheck = new CrossCheck("test", eventLoops, Timeline.system(), Duration.ofSeconds(60));
            // When
            CrossCheck.ClusterTarget target = new CrossCheck.ClusterTarget(kubeconfig, null, 30);
            String check = crossCheck.check(target, "default/default").text();
            String explain = crossCheck.explain(target, null, "demo").text();
            // Then
            assertThat(List.of(check, explain)).allMatch(text -> text.startsWith("cp-3's clock is 2 min"));
        } finally {
            eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void theKubeconfigIsForItsOwnerAlone() throws Exception {
        // When, Then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig)))
                .isEqualTo("rw-------");
    }
}
