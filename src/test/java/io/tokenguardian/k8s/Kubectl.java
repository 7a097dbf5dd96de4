package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The kubectl on this machine, as far as it needs no cluster. */
final class Kubectl {
    /** In {@code CI}, a tool that is not there fails the test, which would else pass by being skipped. */
    private static final boolean REQUIRED = "required".equals(System.getenv("CLIENTS"));

    private final String executable;

    private Kubectl(String executable) {
        this.executable = executable;
    }

    /** Skips the test where there is no kubectl, or fails it if {@code CLIENTS} is {@code required}. */
    static Kubectl find() {
        String name = "kubectl";
        boolean found = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
        if (!found && REQUIRED) {
            fail("there is no kubectl in PATH, and CLIENTS=required: apt-get install kubectl");
        }
        return found ? new Kubectl(name) : abort("skipped: there is no kubectl in PATH");
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
            assertThat(process.waitFor(30, TimeUnit.SECONDS))
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
