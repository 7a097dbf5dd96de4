package io.tokenguardian.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.HangDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs and waits until they end. */
public final class Command {
    private Command() {}

    /**
     * Runs the command and returns its standard output. Throws an {@link AssertionError} with all output if it fails.
     */
    public static String run(List<String> command) {
        return run(command, Map.of());
    }

    /** Like {@link #run(List)}, with these variables in addition to those of this process. */
    public static String run(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return run(builder);
    }

    /** Like {@link #run(List)}, with the directory and variables of {@code builder}. */
    public static String run(ProcessBuilder builder) {
        List<String> command = builder.command();
        try {
            Path errors = Files.createTempFile("command", ".err");
            Process process = builder.redirectError(errors.toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            boolean ended = process.waitFor(HangDetector.millis(), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            String said = Files.readString(errors);
            Files.delete(errors);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError(command + " failed: " + said + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        }
    }
}
