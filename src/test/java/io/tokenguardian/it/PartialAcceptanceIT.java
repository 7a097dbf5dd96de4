package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many callers send requests while not all replicas accept the token, and no request waits for the replicas that
 * refuse. Prints how long requests take. {@code -Dpartial-acceptance.requests} sets the number of requests.
 */
@InSequence // each test measures how long its requests take
class PartialAcceptanceIT {
    private static final int REQUESTS = Integer.getInteger("partial-acceptance.requests", 500);
    private static final int CALLERS = 50;
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ConcurrentLinkedQueue<Duration> took = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private Duration firstAnswer = Duration.ZERO;
    private long connections;
    private volatile long mostConnections;

    /** Clock offsets and the token's lifetime are in seconds. */
    @ParameterizedTest(name = "clocks off by {0}, {1}, {2} s; a token of {3} s; discovery {4}")
    @CsvSource({
        "0, -600, 0, 3600, false",
        "0, -600, -570, 3600, false",
        "0, 700, 0, 600, false",
        "0, -600, -570, 3600, true"
    })
    void everyRequestGoesToAnAcceptingReplica(int first, int second, int third, int lifetime, boolean discovery)
            throws Exception {
        int[] offsets = {first, second, third};
        try (World world = World.of(3, directory)) {
            for (int i = 0; i < offsets.length; i++) {
                world.offset(i, Duration.ofSeconds(offsets[i]));
            }
            world.mount(world.apiServer.issue(0, TokenSpec.unextended().lifetime(Duration.ofSeconds(lifetime))));
            world.set("GUARDIAN_API_SERVER_DISCOVER_REPLICAS", Boolean.toString(discovery));
            try (Program serving = Program.start(world.environment(), "serve")) {
                awaitFirstAnswer(world);
                mostConnections = 0;
                ScheduledExecutorService counter = Executors.newSingleThreadScheduledExecutor();
                Future<?> counting = counter.scheduleAtFixedRate(() -> count(world), 1, 1, TimeUnit.SECONDS);
                load(world);
                counting.cancel(false);
                counter.shutdown();

                assertThat(serving.err()).isEmpty();
            }
            assertThat(statuses).hasSizeGreaterThanOrEqualTo(REQUESTS).allMatch(status -> status < 300);
            assertThat(world.apiServer.executed().stream()
                            .map(executed -> executed.head().headers().get("x-number"))
                            .filter(number -> number != null))
                    .doesNotHaveDuplicates()
                    .hasSizeGreaterThanOrEqualTo(REQUESTS);
            print(Arrays.toString(offsets) + (discovery ? " with discovery" : ""), world.apiServer.replicas());
        }
    }

    private void load(World world) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                ends.add(callers.submit(() -> {
                    while (next.get() < REQUESTS) {
                        useConfigMap(world);
                    }
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    private void awaitFirstAnswer(World world) throws Exception {
        await().pollInterval(Duration.ofMillis(2)).until(() -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.proxyPort)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        long listens = System.nanoTime();
        assertThat(world.proxied("/version").statusCode()).isEqualTo(200);
        firstAnswer = Duration.ofNanos(System.nanoTime() - listens);
    }

    /** Called once a second. Updates the maximum number of new connections per second. */
    private void count(World world) {
        long now = world.apiServer.replicas().stream()
                .mapToLong(Replica::connectionCount)
                .sum();
        if (connections > 0) {
            mostConnections = Math.max(mostConnections, now - connections);
        }
        connections = now;
    }

    /** Creates, reads, patches and deletes a config map. */
    private void useConfigMap(World world) throws Exception {
        String name = "map-" + next.get() + "-" + Thread.currentThread().getId() + "-" + System.nanoTime();
        String map = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\"}}";
        send(world, "POST", CONFIG_MAPS, "application/json", map);
        send(world, "GET", CONFIG_MAPS + "/" + name, "application/json", "");
        send(
                world,
                "PATCH",
                CONFIG_MAPS + "/" + name,
                "application/merge-patch+json",
                "{\"data\":{\"changed\":\"yes\"}}");
        send(world, "DELETE", CONFIG_MAPS + "/" + name, "application/json", "");
    }

    private void send(World world, String method, String path, String type, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + world.proxyPort + path))
                .header("Content-Type", type)
                .header("X-Number", Integer.toString(next.incrementAndGet()))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        long begun = System.nanoTime();
        statuses.add(http.send(request, BodyHandlers.discarding()).statusCode());
        took.add(Duration.ofNanos(System.nanoTime() - begun));
    }

    private void print(String offsets, List<Replica> replicas) {
        List<Duration> sorted = took.stream().sorted().toList();
        System.out.printf(
                "offsets=%s first answer=%d ms requests=%d p50=%d ms p99=%d ms longest=%d ms connections to each replica=%s, in a second after the first at most %d%n",
                offsets,
                firstAnswer.toMillis(),
                sorted.size(),
                sorted.get(sorted.size() / 2).toMillis(),
                sorted.get(sorted.size() * 99 / 100).toMillis(),
                sorted.get(sorted.size() - 1).toMillis(),
                replicas.stream().map(Replica::connectionCount).toList(),
                mostConnections);
    }
}
