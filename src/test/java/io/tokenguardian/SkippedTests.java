package io.tokenguardian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Writes to {@code target/skipped-tests.txt} why tests were skipped: one line for each, with its class. The build
 * prints the file at the end ({@code why-skipped} in {@code pom.xml}), because the reports lack the reason if a whole
 * class was skipped.
 */
public final class SkippedTests implements TestExecutionListener {
    private static final Path FILE = Path.of("target/skipped-tests.txt");

    private final Path file;

    /** For the launcher. */
    public SkippedTests() {
        this(FILE);
    }

    SkippedTests(Path file) {
        this.file = file;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        add(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            add(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason"));
        }
    }

    private void add(TestIdentifier test, String reason) {
        String line = className(test) + ": " + reason.strip().replaceAll("\\s+", " ") + "\n";
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String className(TestIdentifier test) {
        return test.getSource()
                .map(source -> {
                    if (source instanceof MethodSource method) {
                        return method.getJavaClass().getSimpleName();
                    }
                    return source instanceof ClassSource ofClass
                            ? ofClass.getJavaClass().getSimpleName()
                            : test.getDisplayName();
                })
                .orElse(test.getDisplayName());
    }
}
