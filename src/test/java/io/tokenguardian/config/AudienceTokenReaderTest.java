package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tokenguardian.guardian.AudienceToken;
import io.tokenguardian.vetted.VettedSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudienceTokenReaderTest {
    private static final Map<String, String> POD =
            Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443");

    @Test
    void everySettingIsReadByItsNameInTheOrderOfTheTokensNames() {
        Settings settings = read(
                Map.of(),
                Map.of(
                        "guardian.tokens.vault.path", "/tokens/vault",
                        "guardian.tokens.vault.audiences", "vault, https://vault.example",
                        "guardian.tokens.vault.vetted", "/vetted/vault",
                        "guardian.tokens.bank-2.path", "/tokens/bank"));

        assertThat(settings.audienceTokens())
                .containsExactly(
                        new AudienceToken.Source("bank-2", Path.of("/tokens/bank"), List.of()),
                        new AudienceToken.Source(
                                "vault", Path.of("/tokens/vault"), List.of("vault", "https://vault.example")));
        assertThat(settings.vetted().copies())
                .containsExactly(new VettedSettings.Copy("vault", Path.of("/tokens/vault"), Path.of("/vetted/vault")));
    }

    @ParameterizedTest
    @CsvSource({
        "GUARDIAN_TOKENS_VAULT_PATH, vault",
        "GUARDIAN_TOKENS_MY_OWN_VAULT_PATH, my-own-vault",
        "GUARDIAN_TOKENS_A__B_PATH, a--b",
        "GUARDIAN_TOKENS_VAULT_PATH_PATH, vault-path",
        "GUARDIAN_TOKENS_7_PATH, 7",
        "GUARDIAN_TOKENS_VAULT_SERVICE_PORT_PATH, vault-service-port",
    })
    void inTheEnvironmentAnUnderscoreOfTheNameIsADash(String variable, String name) {
        assertThat(read(Map.of(variable, "/tokens/vault"), Map.of()).audienceTokens())
                .containsExactly(new AudienceToken.Source(name, Path.of("/tokens/vault"), List.of()));
    }

    @Test
    void environmentAndPropertiesTogetherMakeOneToken() {
        Settings settings = read(
                Map.of("GUARDIAN_TOKENS_MY_VAULT_PATH", "/tokens/vault"),
                Map.of("guardian.tokens.my-vault.audiences", "vault"));

        assertThat(settings.audienceTokens())
                .containsExactly(new AudienceToken.Source("my-vault", Path.of("/tokens/vault"), List.of("vault")));
    }

    @Test
    void variablesOfAServiceWithTheTokensNameAreIgnored() {
        Map<String, String> service = Map.of(
                "GUARDIAN_TOKENS_VAULT_SERVICE_HOST", "10.96.0.7",
                "GUARDIAN_TOKENS_VAULT_SERVICE_PORT_PATH", "80",
                "GUARDIAN_TOKENS_VAULT_SERVICE_PORT_MY_PATH", "80",
                "GUARDIAN_TOKENS_VAULT_PORT", "tcp://10.96.0.7:80",
                "GUARDIAN_TOKENS_VAULT_PORT_80_TCP_ADDR", "10.96.0.7");

        assertThat(read(service, Map.of()).audienceTokens()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Vault", "-vault", "vault-", "a.b", "a_b", "\"vault\"", "vault\u0142"})
    void aWrongNameIsNamed(String name) {
        assertThatThrownBy(() -> read(Map.of(), Map.of("guardian.tokens." + name + ".path", "/tokens/vault")))
                .isInstanceOf(SettingException.class)
                .hasMessage("guardian.tokens." + name + ".path: the name \"" + name
                        + "\" is wrong; allowed are up to 63" + " lower-case letters and digits, with - between them");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GUARDIAN_TOKENS__VAULT_PATH", "GUARDIAN_TOKENS_VAULT__PATH"})
    void aWrongNameInTheEnvironmentIsNamedByItsVariable(String variable) {
        assertThatThrownBy(() -> read(Map.of(variable, "/tokens/vault"), Map.of()))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(variable + ": the name ");
    }

    @Test
    void aNameMayHave63CharactersAndNoMore() {
        String name = "a".repeat(63);

        assertThat(read(Map.of(), Map.of("guardian.tokens." + name + ".path", "/t"))
                        .audienceTokens())
                .hasSize(1);
        assertThatThrownBy(() -> read(Map.of(), Map.of("guardian.tokens." + name + "a.path", "/t")))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void theKubeconfigMayBeBesideTheFilesOfTheDirectory() {
        assertThatCode(() -> read(
                        Map.of(),
                        Map.of("guardian.vetted.directory", "/vetted", "guardian.vetted.kubeconfig", "/vetted/config")))
                .doesNotThrowAnyException();
    }

    private static Settings read(Map<String, String> environment, Map<String, String> properties) {
        Map<String, String> pod = new HashMap<>(POD);
        pod.putAll(environment);
        return SettingsReader.read(new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new EnvConfigSource(pod, 300), new PropertiesConfigSource(properties, "test", 400))
                .build());
    }
}
