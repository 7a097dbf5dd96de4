package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.StaleCaller;
import java.text.ParseException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServeStatusTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String OLDER = """
            {"verdict": "accepted", "usable": true, "explanation": "It is.", "advice": "",
             "secondsUntilAcceptable": 0.000,
             "serve": {"tokenPath": "/token", "apiServer": "10.96.0.1:443", "filesWritten": true}}""";

    @Test
    void theCallersWithAnOldTokenAreTheRowsOfIt() throws ParseException {
        String status = OLDER.replaceFirst("\\{", """
                {"staleCallers": [
                  {"userAgent": "app/1", "tokenIssuedAt": "2026-03-01T12:00:00Z", "replacedAt": null,
                   "wouldFailAt": "2026-03-01T12:00:00Z", "requests": 7, "lastSeen": "2026-03-01T12:00:00Z"},
                  {"userAgent": "none", "tokenIssuedAt": null, "replacedAt": null, "wouldFailAt": null,
                   "requests": 1, "lastSeen": "2026-03-01T12:00:00Z"}],
                """);

        assertThat(ServeStatus.parse(status).staleCallers())
                .containsExactly(
                        new StaleCaller("app/1", NOON, null, NOON, 7, NOON, false),
                        new StaleCaller("none", null, null, null, 1, NOON, false));
    }

    @Test
    void anEarlierVersionNamesNone() throws ParseException {
        assertThat(ServeStatus.parse(OLDER).staleCallers()).isEmpty();
    }
}
