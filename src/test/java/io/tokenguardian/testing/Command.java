package io.tokenguardian.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.HangDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that runs once. */
final class Command {
    private Command() {}

    /** Returns what it printed. Throws an {@link AssertionError} with that and its errors where it fails. */
    static String run(List<String> command) {
        return run(command, Map.of());
    }

    /** The same, with these variables besides those of this process. */
    static String run(List<String> command, Map<String, String> environment) {
        try {
            Path errors = Files.createTempFile("command", ".err");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
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
