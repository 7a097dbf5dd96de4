package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.HangDetector;
import io.tokenguardian.Needed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The kubectl on this machine, as far as it needs no cluster. */
final class Kubectl {
    private final String executable;

    private Kubectl(String executable) {
        this.executable = executable;
    }

    /** Skips or fails the test where there is none. */
    static Kubectl find() {
        return new Kubectl(Needed.onPath("kubectl", "kubectl"));
    }

    /** What {@code kubectl kustomize} makes of {@code directory}. */
    String kustomize(Path directory) {
        return run("kustomize", directory.toString());
    }

    /** What a strategic merge patch makes of {@code object}: the API server's own code, which Argo uses as well. */
    String patch(Path object, Path patch) {
        return run(
                "patch",
                "--local",
                "--type=strategic",
                "--output=yaml",
                "--filename=" + object,
                "--patch-file=" + patch);
    }

    private String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(executable));
        command.addAll(List.of(arguments));
        Process process = null;
        try {
            Path errors = Files.createTempFile("kubectl", ".stderr");
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(HangDetector.millis(), TimeUnit.MILLISECONDS))
                    .as("%s ends", command)
                    .isTrue();
            String said = Files.readString(errors);
            Files.delete(errors);
            assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
            return out;
        } catch (IOException e) {
            throw new AssertionError(command + " can't be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }
}
