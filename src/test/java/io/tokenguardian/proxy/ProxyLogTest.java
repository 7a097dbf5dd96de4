package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("the level of a logger is everybody's")
class ProxyLogTest extends ScriptedProxyTest {

    private static final String CATEGORY = "io.tokenguardian.proxy";
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private final Logger logger = Logger.getLogger(CATEGORY);
    private final Level before = logger.getLevel();

    @AfterEach
    void reset() {
        logger.setLevel(before);
    }

    /** Returns the log of one request with a query, which is held first. */
    private List<String> linesOfOneHeldRequest() throws IOException {
        try (LogRecords log = LogRecords.of(CATEGORY, Level.ALL)) {
            start(ScriptedServer.always("200 OK", "good"));
            caller.get("/api?secret=x", "");
            await().until(() -> proxy.counters().heldNow() == 1);
            proxy.using(TOKEN);
            caller.readAnswer();
            return List.copyOf(log.lines());
        }
    }

    @Test
    void eachDecisionAboutARequestIsALogLine() throws IOException {
        logger.setLevel(Level.FINE);
        List<String> lines = linesOfOneHeldRequest();
        String request = lines.get(0).replaceAll(".*(request=\\S+) .*", "$1");
        assertThat(lines).allMatch(line -> line.contains(request));
        assertThat(lines)
                .extracting(line -> line.replaceAll(".*event=(\\S+).*", "$1"))
                .containsExactly("received", "held", "sent", "relayed");
        assertThat(lines.get(0)).contains("method=GET path=/api");
        assertThat(lines.get(3)).contains("status=200");
    }

    @Test
    void noLogLineHasTheQueryOrTheToken() throws IOException {
        logger.setLevel(Level.FINE);
        assertThat(linesOfOneHeldRequest()).noneMatch(line -> line.contains("secret") || line.contains(TOKEN.bearer()));
    }

    @Test
    void nothingIsLoggedAboveDebug() throws IOException {
        logger.setLevel(Level.INFO);
        assertThat(linesOfOneHeldRequest()).isEmpty();
    }
}
