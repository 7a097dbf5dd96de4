package io.tokenguardian.token;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/** Records the log of one class or category while it is open. The level is INFO unless another level is given. */
public final class LogRecords implements AutoCloseable {
    private final Logger logger;
    private final Formatter formatter = new PatternFormatter("%p %s");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (isLoggable(record)) {
                if (record.getThrown() != null) {
                    thrown.add(record.getThrown());
                }
                lines.add(formatter.format(record));
            }
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
        return of(category, Level.INFO);
    }

    /** Records messages of level {@code least} and above, if the category's own level allows them. */
    public static LogRecords of(String category, Level least) {
        LogRecords records = new LogRecords(Logger.getLogger(category));
        records.handler.setLevel(least);
        records.logger.addHandler(records.handler);
        return records;
    }

    /** The records, each as {@code LEVEL message}, without stack traces. */
    public List<String> lines() {
        return lines;
    }

    /** The logged exceptions. */
    public List<Throwable> thrown() {
        return thrown;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
