package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A command that a test runs leaves alone a guardian that runs beside the tests. */
class CommandRunTest {
    @Test
    void noCommandOfATestUsesADefaultPort() {
        String listing = new CommandRun(Map.of(), "settings", "-o", "json").out();

        assertThat(new JsonObject(listing).getJsonArray("settings"))
                .map(JsonObject.class::cast)
                .filteredOn(setting -> setting.getString("name").endsWith(".port"))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(port -> assertThat(port.getString("value"))
                        .as(port.getString("name"))
                        .isNotEqualTo(port.getString("default")));
    }
}
