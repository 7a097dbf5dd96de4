package io.tokenguardian.k8s;

import io.tokenguardian.Needed;
import io.tokenguardian.Readme;
import io.tokenguardian.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The kubectl on this machine, for commands that need no cluster. */
final class Kubectl {
    private static final Map<Path, String> RENDERED = new ConcurrentHashMap<>();

    private final String executable;

    private Kubectl(String executable) {
        this.executable = executable;
    }

    /** Finds kubectl. Skips or fails the test if it is missing. */
    static Kubectl find() {
        return new Kubectl(Needed.onPath("kubectl", "kubectl"));
    }

    /**
     * Returns the output of {@code kubectl kustomize} for {@code directory}, which must not change afterwards: each
     * directory is rendered once.
     */
    String kustomize(Path directory) {
        return RENDERED.computeIfAbsent(directory, path -> run("kustomize", path.toString()));
    }

    /**
     * Returns the output for the only kustomization that {@code docs/kubernetes.md} has under {@code heading}. It lies
     * beside a checkout named {@code token-guardian}, as the page expects.
     *
     * @param directory an empty directory
     */
    String kustomizePage(String heading, Path directory) throws IOException {
        Files.createSymbolicLink(
                directory.resolve("token-guardian"), Path.of("").toAbsolutePath());
        Path user = Files.createDirectory(directory.resolve("cluster"));
        Files.writeString(
                user.resolve("kustomization.yaml"), Readme.block(Path.of("docs/kubernetes.md"), "yaml", heading));
        return kustomize(user);
    }

    /** Applies a strategic merge patch to {@code object}, using the API server's code, which Argo uses as well. */
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
        return Command.run(command);
    }
}
