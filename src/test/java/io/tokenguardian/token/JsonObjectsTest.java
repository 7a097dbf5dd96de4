package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.text.ParseException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectsTest {
    @Test
    void anObjectIsRead() throws ParseException {
        assertThat(JsonObjects.parse(" \n{\"a\":1}")).isEqualTo(Map.of("a", 1L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", " null", "1", "\"a\"", "[]", "[[\"a\",1]]", "{", "{]"})
    void anythingElseIsNone(String text) {
        assertThatThrownBy(() -> JsonObjects.parse(text)).isInstanceOf(ParseException.class);
    }
}
