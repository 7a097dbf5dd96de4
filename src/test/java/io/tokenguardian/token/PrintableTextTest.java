package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

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
}
