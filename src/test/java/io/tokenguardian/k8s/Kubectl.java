package io.tokenguardian.k8s;

import io.tokenguardian.Needed;
import io.tokenguardian.testing.Command;
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

    /** Returns the output of {@code kubectl kustomize} for {@code directory}. */
    String kustomize(Path directory) {
        return RENDERED.computeIfAbsent(directory, path -> run("kustomize", path.toString()));
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
