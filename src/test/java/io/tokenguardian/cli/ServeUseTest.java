package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.token.JsonObjects;
import java.text.ParseException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServeUseTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void eachRowIsACallerWithAnOldToken() throws ParseException {
        String status = """
                {"staleCallers": [
                  {"userAgent": "app/1", "tokenIssuedAt": "2026-03-01T12:00:00Z", "replacedAt": null,
                   "wouldFailAt": "2026-03-01T12:00:00Z", "requests": 7, "lastSeen": "2026-03-01T12:00:00Z"},
                  {"userAgent": "none", "tokenIssuedAt": null, "replacedAt": null, "wouldFailAt": null,
                   "requests": 1, "lastSeen": "2026-03-01T12:00:00Z"}]}""";

        assertThat(ServeUse.of(JsonObjects.parse(status)).staleCallers())
                .containsExactly(
                        new StaleCaller("app/1", NOON, null, NOON, 7, NOON, false),
                        new StaleCaller("none", null, null, null, 1, NOON, false));
    }

    @Test
    void anEarlierVersionNamesNone() throws ParseException {
        assertThat(ServeUse.of(Map.of())).isEqualTo(ServeUse.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"userAgent\": \"app/1\", \"requests\": 7}",
                "{\"userAgent\": \"app/1\", \"requests\": 7, \"lastSeen\": null}",
                "{\"userAgent\": \"app/1\", \"requests\": 7, \"lastSeen\": \"noon\"}",
                "{\"userAgent\": \"app/1\", \"lastSeen\": \"2026-03-01T12:00:00Z\"}",
            })
    void aRowThatIsNotACallerIsRefused(String row) {
        assertThatThrownBy(() -> ServeUse.of(JsonObjects.parse("{\"staleCallers\": [" + row + "]}")))
                .isInstanceOf(ParseException.class);
    }
}
