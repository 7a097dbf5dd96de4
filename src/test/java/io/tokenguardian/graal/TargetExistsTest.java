package io.tokenguardian.graal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.oracle.svm.core.annotate.TargetClass;
import io.netty.handler.ssl.SslContext;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which substitutions a native build omits. */
class TargetExistsTest {
    private final TargetExists targetExists = new TargetExists();

    static Stream<String> targets() {
        return TargetExists.SUBSTITUTIONS.stream()
                .map(each -> each.getAnnotation(TargetClass.class))
                .map(named -> named.className().isEmpty() ? named.value().getName() : named.className())
                .filter(name -> !name.startsWith("com.oracle.svm."));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void aTargetWithAllMembersIsReplaced(String target) {
        assertThat(targetExists.test(target)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.fabric8.kubernetes.client.NoSuchClass",
                "com.oracle.svm.core.genscavenge.AbstractCollectionPolicy"
            })
    void aMissingTargetIsNotReplaced(String target) {
        assertThat(targetExists.test(target)).isFalse();
    }

    @Test
    void aTargetWithoutTheConstructorIsNotAsExpected() {
        assertThatThrownBy(() -> TargetExists.requireMembers(SslContext.class, TlsSubstitutions.JdkClient.class))
                .isInstanceOf(NoSuchMethodException.class);
    }
}
