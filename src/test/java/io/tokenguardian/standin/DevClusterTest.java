package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tokenguardian.Readme;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.it.FreePort;
import io.tokenguardian.laptop.CrossCheck;
import io.tokenguardian.token.LogRecords;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
        cluster = cluster(directory.resolve("mount/token"), FreePort.next());
        kubeconfig = directory.resolve("mount-kubeconfig");
        cluster.start(new StartupEvent());
    }

    /** The ports of the local and of the management listener are only logged. */
    private static DevCluster cluster(Path token, int proxyPort) {
        return new DevCluster(URI.create("https://127.0.0.1:0"), token, 8002, proxyPort, 9000);
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

    @Test
    void bothResponsesAreLoggedWithTheCommandsOfTheReadme() throws Exception {
        // Given
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("token-guardian", "held=8.920;retries=1");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        proxy.start();
        Path token = directory.resolve("other/token");
        int proxyPort = proxy.getAddress().getPort();
        DevCluster other = cluster(token, proxyPort);
        try (LogRecords log = LogRecords.of(DevCluster.class.getName())) {
            // When
            other.start(new StartupEvent());
            // Then
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("Through the proxy")));
            List<String> logged = log.lines().stream()
                    .filter(line -> line.contains("To repeat the request"))
                    .map(line -> line.replace(token.toString(), "target/dev-mount/token")
                            .replace(":" + proxyPort, ":8001")
                            .replaceFirst("https://127.0.0.1:\\d+", "https://127.0.0.1:16443"))
                    .toList();
            List<String> curls = Readme.blocks("console").stream()
                    .filter(block -> block.heading().equals("Try it"))
                    .flatMap(block -> block.text().lines())
                    .filter(line -> line.startsWith("curl "))
                    .toList();
            // The cluster of the other tests logs too.
            assertThat(logged)
                    .contains(
                            "INFO Straight to the API server: 401. To repeat the request, run: " + curls.get(0),
                            "INFO Through the proxy: 200, token-guardian: held=8.920;retries=1. To repeat the request, run: "
                                    + curls.get(1));
        } finally {
            other.stop(new ShutdownEvent());
            proxy.stop(0);
        }
    }
}
