package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.Readme;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code settings} prints each setting as the program reads it. */
class SettingsCommandIT {
    @TempDir
    Path directory;

    @AutoClose
    private World world;

    @BeforeEach
    void start() throws IOException {
        world = World.of(1, directory);
    }

    @Test
    void theOutputEqualsTheTableInTheDocumentation() throws Exception {
        Program.Ended ended = Program.command(world.environment(), "settings", "-o", "json");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(settings(ended).stream()
                        .map(setting ->
                                "| %s | %s |".formatted(setting.getString("name"), setting.getString("default"))))
                .containsExactlyElementsOf(Readme.settingRows().stream()
                        .map(row -> row.replaceFirst("^(\\| [^|]* \\| [^|]* \\|).*", "$1"))
                        .map(row -> row.replace("`", ""))
                        .toList());
    }

    @Test
    void eachSettingHasItsValueAndSource() throws Exception {
        world.set("GUARDIAN_WAIT_TIMEOUT", "7s");

        Program.Ended ended = Program.run(world.environment(), "-Dguardian.readiness.confirmations=9", "settings");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.out().lines().map(line -> line.replaceAll("  +", "|")))
                .startsWith("SETTING|VALUE|FROM|DEFAULT")
                .contains(
                        "guardian.wait.timeout|7s|environment variable GUARDIAN_WAIT_TIMEOUT|5m",
                        "guardian.readiness.confirmations|9|system property|3",
                        "guardian.proxy.hold-timeout|3m|default",
                        "quarkus.http.host|127.0.0.1|default",
                        "quarkus.log.console.json.enabled|false|default");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void eachWrongSettingIsListedAndTheExitCodeIs2() throws Exception {
        world.set("GUARDIAN_READINESS_CONFIRMATIONS", "none").set("GUARDIAN_PROXY_AUTHORIZATION", "none");

        Program.Ended ended = Program.run(world.environment(), "settings");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
        assertThat(ended.out().lines().map(String::strip).filter(line -> line.startsWith("^ ")))
                .containsExactly(
                        "^ wrong: guardian.readiness.confirmations: \"none\" is wrong; allowed is a whole number from 1"
                                + " to 100",
                        "^ wrong: guardian.proxy.authorization: \"none\" is wrong; allowed is replace or keep or reject");
    }

    @Test
    void anUnknownFormatIsAUsageError() throws Exception {
        assertThat(Program.command(world.environment(), "settings", "-o", "yaml")
                        .exitCode())
                .isEqualTo(2);
    }

    private static List<JsonObject> settings(Program.Ended ended) {
        return new JsonObject(ended.out())
                .getJsonArray("settings").stream().map(JsonObject.class::cast).collect(Collectors.toList());
    }
}
