package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which values of a policy's patch an API server accepts. Each line was tried with the server's own conversion. */
class PatchValueTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'a' | \"a\"",
                "7 | 7",
                "null | null",
                "[] | []",
                "{} | {}",
                "['a', 'b'].filter(letter, letter == 'c') | []",
                "['a'] + ['b'] | [\"a\",\"b\"]",
                "[['a']] | [[\"a\"]]",
                "{'a': ['b']} | {\"a\":[\"b\"]}",
                "Object.spec.initContainers{} | {}",
                "Object.spec.initContainers{name: 'a'} | {\"name\":\"a\"}",
                "Object.spec.initContainers{args: ['a'] + ['b']} | {\"args\":[\"a\",\"b\"]}",
                "Object.spec.initContainers{args: []} | {\"args\":[]}",
                "Object.spec.initContainers{resources: Object.spec.initContainers.resources{limits: {'cpu': '1'}}}"
                        + " | {\"resources\":{\"limits\":{\"cpu\":\"1\"}}}",
                "Object.spec.initContainers{ports: [Object.spec.initContainers.ports{containerPort: 1}]}"
                        + " | {\"ports\":[{\"containerPort\":1}]}"
            })
    void aScalarOneObjectAndListsWithoutObjectsAreTaken(String expression, String json) {
        assertThat(Admission.patchValue(expression)).hasToString(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[Object.spec.initContainers{name: 'a'}]",
                "['a'].map(letter, Object.spec.initContainers{name: letter})",
                "{'a': Object.spec.initContainers{name: 'a'}}",
                "{'a': [Object.spec.initContainers{name: 'a'}]}"
            })
    void anObjectInAListOrAMapIsAPanic(String expression) {
        assertThatThrownBy(() -> Admission.patchValue(expression)).hasMessageContaining("the API server panics");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{1: 'a'}",
                "type(1)",
                "Object.spec.initContainers{args: dyn([['a']])}",
                "Object.spec.initContainers{args: dyn([{'a': 'b'}])}",
                "Object.spec.initContainers{resources: dyn({'a': ['b']})}",
                "Object.spec.initContainers{resources: dyn({1: 'b'})}",
                "Object.spec.initContainers{name: dyn(null)}",
                "Object.spec.initContainers{name: dyn(duration('1s'))}"
            })
    void whatIsNoJsonThereIsRefused(String expression) {
        assertThatThrownBy(() -> Admission.patchValue(expression)).hasMessageContaining("the API server makes no JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Object.spec.initContainers{securityContext: dyn(Object.spec.securityContext{})}",
                "Object.spec.initContainers{ports: dyn([Object.spec.containers.ports{}])}"
            })
    void anObjectOfAnotherPathIsRefused(String expression) {
        assertThatThrownBy(() -> Admission.patchValue(expression)).hasMessageContaining("the API server refuses");
    }
}
