package io.tokenguardian.process;

import io.quarkus.logging.LoggingFilter;
import io.tokenguardian.token.TokenMask;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * Masks tokens in each log record, and ends the process if the record is about an {@code OutOfMemoryError}.
 * {@code application.properties} sets this filter for all of Quarkus's handlers.
 */
@LoggingFilter(name = "token-guardian")
public final class LogFilter implements Filter {
    private static final PatternFormatter MESSAGE_AND_STACK = new PatternFormatter("%s%e");

    @Override
    public boolean isLoggable(LogRecord record) {
        OutOfMemory.endIfOutOfMemory(record.getThrown());
        mask(ExtLogRecord.wrap(record));
        return true;
    }

    /** If the record contains a token, its stack trace becomes part of the message. */
    private static void mask(ExtLogRecord record) {
        String text = MESSAGE_AND_STACK.format(record);
        String masked = TokenMask.masked(text);
        if (!masked.equals(text)) {
            record.setMessage(masked, ExtLogRecord.FormatStyle.NO_FORMAT);
            record.setThrown(null);
            record.getMdcCopy().forEach((key, value) -> record.putMdc(key, TokenMask.masked(value)));
        }
    }
}
