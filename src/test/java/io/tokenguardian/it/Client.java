package io.tokenguardian.it;

import io.tokenguardian.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A client of the API server that is a program of its own, and so is on this machine or is not.
 *
 * @param command what starts it; the arguments come after that
 */
record Client(List<String> command) {
    private static final Path SCRIPTS = Path.of("src/test/clients").toAbsolutePath();

    static Client kubectl(Path cache) {
        return new Client(List.of(Needed.onPath("kubectl", "kubectl"), "--cache-dir", cache.toString()));
    }

    /** Debian's Python has Debian's package; another one on the path does not. */
    static Client python() throws IOException, InterruptedException {
        String python = "/usr/bin/python3";
        List<String> looksForIt = List.of(
                python, "-c", "import importlib.util, sys; sys.exit(not importlib.util.find_spec('kubernetes'))");
        boolean there = Files.isExecutable(Path.of(python))
                && new ProcessBuilder(looksForIt).start().waitFor() == 0;
        Needed.isThere(there, "apt-get install python3-kubernetes");
        return new Client(List.of(python, "-B", SCRIPTS.resolve("story.py").toString()));
    }

    static Client node() {
        String node = Needed.onPath("node", "nodejs npm");
        Needed.isThere(
                Files.isDirectory(SCRIPTS.resolve("node_modules/@kubernetes/client-node")),
                "cd src/test/clients && npm ci");
        return new Client(List.of(node, SCRIPTS.resolve("story.mjs").toString()));
    }

    Program start(String... arguments) throws IOException {
        return Program.startOther(command, Map.of(), arguments);
    }

    /** Runs it to its end, which has to be a good one; returns what it has printed, line by line. */
    List<String> run(String... arguments) throws IOException, InterruptedException {
        try (Program program = start(arguments)) {
            Program.Ended ended = program.ended();
            if (ended.exitCode() != 0) {
                throw new AssertionError(
                        command + " ended with " + ended.exitCode() + ": " + ended.out() + ended.err());
            }
            return ended.out().lines().toList();
        }
    }
}
