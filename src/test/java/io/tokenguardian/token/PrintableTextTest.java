package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTextTest {

    @Test
    void whatIsPrintableStays() {
        assertThat(PrintableText.of("system:serviceaccount:shop:cart, für «bank» 🙂"))
                .isEqualTo("system:serviceaccount:shop:cart, für «bank» 🙂");
    }

    /**
     * A newline, the C1 form of the terminal's escape, a right-to-left override, a line separator, and a tag beyond 16
     * bits.
     */
    @ParameterizedTest
    @CsvSource({
        "10, \\u000a",
        "27, \\u001b",
        "127, \\u007f",
        "155, \\u009b",
        "8238, \\u202e",
        "8232, \\u2028",
        "917569, \\ue0041"
    })
    void whatIsNotIsEscaped(int character, String escaped) {
        assertThat(PrintableText.of("a" + Character.toString(character) + "b")).isEqualTo("a" + escaped + "b");
    }

    @ParameterizedTest
    @CsvSource({"27, \\u001b", "127, \\u007f", "155, \\u009b", "8238, \\u202e", "917569, \\udb40\\udc41"})
    void aStringInJsonStaysTheSameButIsEscaped(int character, String escaped) {
        JsonObject object = new JsonObject().put("text", "a" + Character.toString(character) + "b");

        String json = PrintableText.json(object);

        assertThat(json.toLowerCase(Locale.ROOT)).contains("a" + escaped + "b").endsWith("\n}\n");
        assertThat(new JsonObject(json)).isEqualTo(object);
    }
}
