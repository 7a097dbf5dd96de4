package io.tokenguardian.token;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/** What one class, or one category, logs while this is open. */
public final class LogRecords implements AutoCloseable {
    private final Logger logger;
    private final Formatter formatter = new PatternFormatter("%p %s");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            lines.add(formatter.format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private LogRecords(Logger logger) {
        this.logger = logger;
    }

    static LogRecords of(Class<?> source) {
        return of(source.getName());
    }

    public static LogRecords of(String category) {
        LogRecords records = new LogRecords(Logger.getLogger(category));
        records.logger.addHandler(records.handler);
        return records;
    }

    /** Each as {@code LEVEL message}, without its stack trace. */
    public List<String> lines() {
        return lines;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
