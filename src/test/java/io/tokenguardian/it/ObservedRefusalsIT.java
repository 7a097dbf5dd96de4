package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.SeenRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guardian observes the refusals of its callers' requests. Prints how long each reaction takes. */
class ObservedRefusalsIT {
    private static final int CALLERS = 3;
    private static final int REPLICAS = 3;

    @TempDir
    Path directory;

    private World world;
    private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    private volatile boolean ended;

    @BeforeEach
    void start() throws IOException {
        world = World.of(REPLICAS, directory);
    }

    @AfterEach
    void stop() {
        world.close();
        callers.shutdownNow();
    }

    @Test
    void readyGoesDownAndUpAfterAllClocksAreSetBackAndNoCallerGets401() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            List<Future<?>> load = load();
            world.apiServer.clearRecords();

            Instant back = setAllBack();
            awaiting().until(() -> world.health("ready") == 503);
            Duration fell = Duration.between(firstRefusal(), Instant.now());
            assertThat(world.local("GET", "/status").body()).contains("not-yet-valid");
            awaiting().until(() -> world.health("ready") == 200);
            System.out.printf(
                    "ready fell %d ms after the first refusal, and came back %d ms after the moment%n",
                    fell.toMillis(), Duration.between(back, Instant.now()).toMillis());

            end(load);
            assertThat(statuses).isNotEmpty().allMatch(status -> status == 200);
            assertThat(serving.err()).isEmpty();
        }
    }

    @Test
    void aDeletedAccountMakesTheVerdictRefusedAndRemovesTheToken() throws Exception {
        Path vetted = directory.resolve("vetted");
        world.set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            await().until(() -> Files.exists(vetted.resolve("token")));
            List<Future<?>> load = load();
            world.apiServer.clearRecords();

            world.apiServer.objects().delete(ResourceType.SERVICE_ACCOUNTS, "default", "default");
            awaiting().until(() -> statuses.contains(401));
            Instant refused = Instant.now();
            awaiting().until(() -> world.healthBody("ready").contains("refused"));
            Duration told = Duration.between(refused, Instant.now());
            awaiting().until(() -> !Files.exists(vetted.resolve("token")));
            System.out.printf(
                    "refused was told %d ms after the first 401 to a caller, and the vetted token gone after %d ms%n",
                    told.toMillis(), Duration.between(refused, Instant.now()).toMillis());

            end(load);
            assertThat(serving.err()).isEmpty();
        }
    }

    /**
     * Sets all clocks back, so that all replicas accept the token in 40 s. Returns that acceptance time. For the first
     * 10 s each replica still accepts the token from its cache (docs/api-server.md).
     */
    private Instant setAllBack() throws Exception {
        String issuedAt = new JsonObject(world.local("GET", "/status").body())
                .getJsonObject("token")
                .getString("issuedAt");
        Instant accepts = Instant.now().plusSeconds(40);
        Duration offset = Duration.between(accepts, Instant.parse(issuedAt).minusSeconds(60));
        for (int i = 0; i < REPLICAS; i++) {
            world.offset(i, offset);
        }
        return accepts;
    }

    private Instant firstRefusal() {
        return world.apiServer.requests().stream()
                .filter(seen -> seen.status() == 401)
                .map(SeenRequest::at)
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .minus(world.apiServer.replica(0).clock().offset());
    }

    private List<Future<?>> load() {
        List<Future<?>> load = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            load.add(callers.submit(() -> {
                while (!ended) {
                    statuses.add(
                            world.proxied("/api/v1/namespaces/default/pods").statusCode());
                }
                return null;
            }));
        }
        return load;
    }

    private void end(List<Future<?>> load) throws Exception {
        ended = true;
        for (Future<?> each : load) {
            each.get();
        }
    }

    private static ConditionFactory awaiting() {
        return await().pollInterval(Duration.ofMillis(5));
    }
}
