package io.tokenguardian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Prometheus's own checker, from Debian's package {@code prometheus}. */
public final class Promtool {
    private Promtool() {}

    /** Skips or fails the test if it is not installed. */
    public static void require() {
        find();
    }

    private static String find() {
        return Needed.onPath("promtool", "prometheus");
    }

    /** Runs it with {@code input}, asserts that it finds no fault, and returns its output. */
    public static String passes(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(find()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
