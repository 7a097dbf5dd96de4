package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Requests through the packaged program's proxy to real API servers. */
@Tag("envtest")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxiedApiIT {
    private static final int BODY_LIMIT = 3 * 1024 * 1024;

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);
    private final String maps = account.core() + "/configmaps";
    private ConnectionDealer dealer;
    private GuardedPod pod;
    private Api proxy;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        account.allowConfigMaps();
        dealer = new ConnectionDealer(plane.apiServers());
        pod = new GuardedPod(directory, account.token(), dealer, Map.of()).awaitReady();
        proxy = pod.proxy();
    }

    @AfterAll
    void stop() throws Exception {
        pod.close();
        dealer.close();
    }

    private void create(String name) {
        proxy.post(maps, "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"a\":\"1\"}}")
                .succeeded();
    }

    @Test
    void aWatchGetsEachChangeAtOnce() throws Exception {
        HttpResponse<InputStream> watch = proxy.http()
                .send(
                        proxy.request("GET", maps + "?watch=true&fieldSelector=metadata.name=watched", null, "")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            create("watched");
            assertThat(lines.readLine()).contains("\"type\":\"ADDED\"", "\"a\":\"1\"");
            proxy.patch(maps + "/watched", Api.MERGE_PATCH, "{\"data\":{\"a\":\"2\"}}")
                    .succeeded();
            assertThat(lines.readLine()).contains("\"type\":\"MODIFIED\"", "\"a\":\"2\"");
            proxy.delete(maps + "/watched").succeeded();
            assertThat(lines.readLine()).contains("\"type\":\"DELETED\"");
        }
    }

    /** Returns a body of this size. The server drops the unknown field that fills it. */
    private static String bodyOf(int bytes, String name) {
        String start = "{\"metadata\":{\"name\":\"" + name + "\"},\"unknown\":\"";
        return start + "x".repeat(bytes - start.length() - 2) + "\"}";
    }

    @Test
    void aBodyUpToTheServersLimitPassesAndALargerBodyIsRefused() {
        assertThat(proxy.post(maps, bodyOf(BODY_LIMIT, "large")).status()).isEqualTo(201);

        Api.Response refused = proxy.post(maps, bodyOf(BODY_LIMIT + 1, "larger"));

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.body()).contains("Request entity too large: limit is 3145728");
    }

    /** The token is like a token from an issuer whose clock is ahead of the clocks of all API servers. */
    @Test
    void aRequestWithATokenFromTheFutureWaitsAndGetsNo401(@TempDir Path directory) throws Exception {
        try (GuardedPod waiting = new GuardedPod(directory, "no token", dealer, Map.of())) {
            waiting.awaitLine("verdict=unreadable");
            Instant from = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
            waiting.mount(plane.files().issue(account.spec().notBefore(from.plusSeconds(60))));

            Api.Response response = waiting.proxy().get(maps);

            assertThat(response.status()).isEqualTo(200);
            assertThat(Instant.now()).isAfterOrEqualTo(from);
            waiting.awaitReady();
        }
    }
}
