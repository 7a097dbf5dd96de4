package io.tokenguardian.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The result of running a program.
 *
 * @param output standard output and standard error, interleaved
 */
record Ran(int exitCode, String output) {

    /** Runs the command in {@code directory}, with the additional variables {@code more}. */
    static Ran in(Path directory, Map<String, String> more, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(command))
                .directory(new File(directory.toAbsolutePath().toString()))
                .redirectErrorStream(true);
        builder.environment().remove("GITHUB_OUTPUT");
        builder.environment().putAll(more);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ran(process.waitFor(), output);
    }
}
