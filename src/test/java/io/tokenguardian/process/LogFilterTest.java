package io.tokenguardian.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import java.time.Instant;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

class LogFilterTest {
    private static final String TOKEN =
            TestTokens.issuedAt(Instant.ofEpochSecond(1_800_000_000)).text();

    private final ExtLogRecord record =
            new ExtLogRecord(Level.WARNING, "GUARDIAN_%s is no setting", ExtLogRecord.FormatStyle.PRINTF, "a logger");

    private String message() {
        return new PatternFormatter("%s").format(record);
    }

    @Test
    void aTokenInAParameterIsMasked() {
        record.setParameters(new Object[] {TOKEN});

        boolean logged = new LogFilter().isLoggable(record);

        assertThat(logged).isTrue();
        assertThat(message()).isEqualTo("GUARDIAN_*** is no setting");
    }

    @Test
    void aTokenInAFieldIsMaskedWithThatOfTheMessage() {
        record.setParameters(new Object[] {TOKEN});
        record.putMdc("name", TOKEN);

        new LogFilter().isLoggable(record);

        assertThat(record.getMdc("name")).isEqualTo("***");
    }

    @Test
    void aTokenInAFailureIsMaskedAndItsStackIsPartOfTheMessage() {
        record.setParameters(new Object[] {"X"});
        record.setThrown(new IllegalStateException("outer", new IllegalArgumentException(TOKEN)));

        new LogFilter().isLoggable(record);

        assertThat(record.getThrown()).isNull();
        assertThat(message())
                .startsWith("GUARDIAN_X is no setting")
                .contains("Caused by: java.lang.IllegalArgumentException: ***", "LogFilterTest.java")
                .doesNotContain(TOKEN);
    }

    @Test
    void aRecordWithoutATokenIsTheSame() {
        IllegalStateException failure = new IllegalStateException("a failure");
        record.setParameters(new Object[] {"X"});
        record.setThrown(failure);

        new LogFilter().isLoggable(record);

        assertThat(message()).isEqualTo("GUARDIAN_X is no setting");
        assertThat(record.getThrown()).isSameAs(failure);
    }
}
