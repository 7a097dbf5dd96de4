package io.tokenguardian.graal;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a native build keeps from the configuration sources. */
class BuildEnvironmentTest {
    @Test
    void environmentVariablesAreRemoved() {
        EnvConfigSource found = new EnvConfigSource(Map.of("PATH", "/somewhere"), 300);

        assertThat(BuildEnvironment.withoutEnvironment(found))
                .isInstanceOfSatisfying(
                        EnvConfigSource.class,
                        kept -> assertThat(kept.getPropertyNames()).isEmpty());
    }

    @Test
    void fileNamesAreRemoved() {
        PropertiesConfigSource found = new PropertiesConfigSource(Map.of("a", "b"), "file:/somewhere");

        assertThat(BuildEnvironment.withoutEnvironment(found))
                .isInstanceOfSatisfying(
                        PropertiesConfigSource.class,
                        kept -> assertThat(kept.getName()).doesNotContain("somewhere"));
    }

    @Test
    void otherObjectsAreKept() {
        assertThat(BuildEnvironment.withoutEnvironment("value")).isEqualTo("value");
    }
}
