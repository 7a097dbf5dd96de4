package io.tokenguardian.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FailureLineTest {

    @Test
    void aFailureLineHasClassMessageCausesAndPlace() {
        Throwable failure = new IllegalStateException("outer", new IOException("inner"));

        assertThat(FailureLine.of(failure))
                .startsWith("java.lang.IllegalStateException: outer, caused by java.io.IOException: inner"
                        + " (at concurrent.FailureLineTest.aFailureLineHasClassMessageCausesAndPlace:");
    }

    @Test
    void aMessageOfSeveralLinesBecomesOneLine() {
        assertThat(FailureLine.of(new IllegalStateException("one\r\ntwo\u001b[2J")))
                .contains(": one two [2J (at")
                .doesNotContain("\n");
    }

    @Test
    void aTokenInAMessageIsOmitted() {
        String token = TestTokens.issuedAt(Instant.EPOCH).text();

        String line = FailureLine.of(new IllegalArgumentException("no header: Bearer " + token));

        assertThat(token.split("\\.")).noneMatch(line::contains);
        assertThat(line).contains("no header: Bearer …");
    }

    @Test
    void aLongMessageIsCut() {
        assertThat(FailureLine.of(new IllegalStateException("a ".repeat(10_000))))
                .hasSizeLessThan(1_000);
    }

    @Test
    void aFailureThatIsItsOwnCauseEndsTheLine() {
        IllegalStateException one = new IllegalStateException("one");
        IllegalStateException two = new IllegalStateException("two", one);
        one.initCause(two);

        assertThat(FailureLine.of(one)).hasSizeLessThan(1_000);
    }
}
