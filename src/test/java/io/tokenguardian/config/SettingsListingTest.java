package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.DotEnvConfigSourceProvider;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SysPropConfigSource;
import io.tokenguardian.token.TestTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsListingTest {
    private final Map<String, String> environment =
            new HashMap<>(Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443"));
    private final Map<String, String> properties = new HashMap<>();

    @Test
    void inAPodEverySettingIsItsDefault() {
        Settings.Listing listing = list();

        assertThat(listing.isRight()).isTrue();
        assertThat(listing.settings())
                .hasSameSizeAs(DeclaredSettings.all())
                .allSatisfy(setting -> assertThat(setting.origin()).isEqualTo("default"));
        assertThat(setting(listing, "guardian.wait.timeout").value()).isEqualTo("5m");
        assertThat(setting(listing, "guardian.vetted.directory").value()).isNull();
        assertThat(setting(listing, "quarkus.http.port").value()).isEqualTo("8002");
    }

    @ParameterizedTest
    @CsvSource({
        "guardian.api-server.url, https://10.96.0.1:443",
        "guardian.api-server.ca, /var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
        "guardian.api-server.server-name, 10.96.0.1"
    })
    void aDefaultThatDependsOnOtherThingsIsWhatHoldsHere(String name, String value) {
        assertThat(setting(list(), name).value()).isEqualTo(value);
    }

    @Test
    void aVariableIsNamed() {
        environment.put("GUARDIAN_WAIT_TIMEOUT", " 7s");

        Settings.Listed setting = setting(list(), "guardian.wait.timeout");

        assertThat(setting)
                .isEqualTo(new Settings.Listed(
                        "guardian.wait.timeout",
                        "GUARDIAN_WAIT_TIMEOUT",
                        "5m",
                        "7s",
                        "environment variable GUARDIAN_WAIT_TIMEOUT",
                        null));
    }

    @Test
    void aFileIsNamed(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve(".env"), "GUARDIAN_WAIT_TIMEOUT=8s\n");

        Settings.Listing listing = Settings.list(new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new EnvConfigSource(environment, 300))
                .withSources(new DotEnvConfigSourceProvider(file.toUri().toString())
                        .getConfigSources(getClass().getClassLoader()))
                .build());

        assertThat(setting(listing, "guardian.wait.timeout").value()).isEqualTo("8s");
        assertThat(setting(listing, "guardian.wait.timeout").origin()).isEqualTo("file " + file);
    }

    @Test
    void everyWrongValueHasItsError() {
        environment.put("GUARDIAN_READINESS_CONFIRMATIONS", "none");
        environment.put("GUARDIAN_PROXY_AUTHORIZATION", "drop");

        Settings.Listing listing = list();

        assertThat(listing.isRight()).isFalse();
        assertThat(listing.errors()).isEmpty();
        assertThat(setting(listing, "guardian.readiness.confirmations").value()).isEqualTo("none");
        assertThat(listing.settings())
                .extracting(Settings.Listed::error)
                .filteredOn(error -> error != null)
                .containsExactly(
                        "guardian.readiness.confirmations: \"none\" is wrong; allowed is a whole number from 1 to 100",
                        "guardian.proxy.authorization: \"drop\" is wrong; allowed is replace or keep or reject");
    }

    @Test
    void outsideOfAPodTheMissingUrlIsAnErrorOfItsOwn() {
        environment.clear();

        assertThat(list().errors())
                .singleElement()
                .asString()
                .startsWith("guardian.api-server.url is not set, nor are both of ");
    }

    @Test
    void aNameThatIsNoSettingIsAnErrorOfItsOwn() {
        properties.put("guardian.token.pth", "/token");

        assertThat(list().errors())
                .containsExactly("guardian.token.pth is not a setting; the command settings lists them all");
    }

    @Test
    void thePasswordInAUrlWhereAnotherValueBelongsIsNotListed() {
        environment.put("GUARDIAN_WAIT_TIMEOUT", "https://me:pass wo@rd@api.example:6443");

        Settings.Listed setting = setting(list(), "guardian.wait.timeout");

        assertThat(setting.toString()).contains("https://***@api.example:6443").doesNotContain("pass", "wo@rd");
    }

    @Test
    void aTokenWhereItsPathBelongsIsNotListed() {
        String token = TestTokens.issuedAt(Instant.EPOCH).text();
        environment.put("GUARDIAN_TOKEN_PATH", token);
        properties.put("guardian.wait.timeout", token);

        Settings.Listing listing = list();

        assertThat(setting(listing, "guardian.token.path").value()).isEqualTo("***");
        assertThat(listing.toString()).doesNotContain(List.of(token.split("\\.")));
    }

    @ParameterizedTest
    @CsvSource({"quarkus.management.port, 65536", "quarkus.management.port, ${quarkus.management.port}"})
    void aWrongSettingOfQuarkusIsNamed(String name, String value) {
        properties.put(name, value);

        assertThatThrownBy(() -> Settings.checkListeners(config()))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(name + ": \"" + value + "\" is wrong; allowed ");
    }

    private Settings.Listing list() {
        return Settings.list(config());
    }

    private Config config() {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(
                        new EnvConfigSource(environment, 300),
                        new PropertiesConfigSource(properties, SysPropConfigSource.NAME, 400))
                .build();
    }

    private static Settings.Listed setting(Settings.Listing listing, String name) {
        return listing.settings().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
