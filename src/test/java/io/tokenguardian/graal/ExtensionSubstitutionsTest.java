package io.tokenguardian.graal;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.quarkus.runtime.RuntimeValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a native build transforms the values that Quarkus has found. */
class ExtensionSubstitutionsTest {
    private final ExtensionSubstitutions.FoundWithoutModels list = new ExtensionSubstitutions.FoundWithoutModels();

    @Test
    void onlyTheStatusModelOfAWatchIsKept() {
        assertThat(transformed(new Class<?>[] {Pod.class, Status.class})).isEqualTo(new Class<?>[] {Status.class});
    }

    @Test
    void otherClassesAreKept() {
        Class<?>[] others = {String.class, Pod.class};

        assertThat(transformed(others)).isSameAs(others);
    }

    @Test
    void otherValuesAreKept() {
        assertThat(transformed("value")).isEqualTo("value");
    }

    private @Nullable Object transformed(Object found) {
        return list.transform(new RuntimeValue<>(found), found);
    }
}
