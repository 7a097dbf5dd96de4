package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulePatternsTest {

    @Test
    void patternsAreSeparatedByCommas() {
        assertThat(RulePatterns.parse("^/a,b c$,\\x20"))
                .extracting(Pattern::pattern)
                .containsExactly("^/a", "b c$", "\\x20");
    }

    /**
     * With kubectl proxy, the first three match every text, and the others match every text that contains a certain
     * part.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "^/api/,         | an empty pattern matches everything",
                ",^/api/         | an empty pattern matches everything",
                "^/api/,,^/apis/ | an empty pattern matches everything",
                "'^/a$, ^/b$'    | a space before or after a pattern is part of it",
                "'^/a$ '         | a space before or after a pattern is part of it",
                "'^/a$\n'       | a space before or after a pattern is part of it",
                "^/v[0-9]{1,2}/s | the comma in {1,3} separates two patterns",
                "^/v[0-9]{1,}/s  | the comma in {1,3} separates two patterns",
                "^/${NAME}$      | ${ is not replaced here"
            })
    void aPatternWithALikelyMistakeIsRefused(String text, String reason) {
        assertThatThrownBy(() -> RulePatterns.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(reason);
    }

    /** kubectl proxy does not start with these patterns either. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "^(",
                "a)",
                "[a",
                "*",
                "a**",
                "a*+",
                "a{1001}",
                "\\Z",
                "\\h",
                "\\R",
                "\\1",
                "\\C",
                "(?=a)",
                "(?!a)",
                "(?<=a)",
                "(?>a)",
                "(?x)a",
                "(?u)a",
                "[[:digits:]]",
                "[b-a]",
                "\\"
            })
    void aPatternThatRe2DoesNotKnowIsRefused(String text) {
        assertThatThrownBy(() -> RulePatterns.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Go knows more letters than re2j, and folds the case of more letters. */
    @ParameterizedTest
    @ValueSource(strings = {"\\pL", "\\p{Greek}", "\\PN", "[\\p{Lu}]", "(?i)\u1c80", "(?i:\\x{1C80})", "(?si)\u0432"})
    void aPatternThatDependsOnTheVersionOfUnicodeIsRefused(String text) {
        assertThatThrownBy(() -> RulePatterns.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPatternOf1998InstructionsIsAccepted() {
        Pattern pattern = RulePatterns.parse("(x?){499}").get(0);

        assertThat(pattern.programSize()).isEqualTo(1998);
        assertThat(pattern.matcher("x").find()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"(x?){500}", "((x?){100}){100}", "((x?){1000}){100}", "(x{1000}){1000}"})
    void aPatternThatIsTooLargeForAThreadsStackIsRefused(String text) {
        assertThatThrownBy(() -> RulePatterns.parse(text)).hasMessage("a pattern is too large");
    }

    @Test
    void aPatternThatIsTooDeepForAThreadsStackIsRefused() {
        String text = "(".repeat(50_000) + ")".repeat(50_000);

        assertThatThrownBy(() -> RulePatterns.parse(text)).hasMessage("a pattern is too large");
    }
}
