package io.tokenguardian.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The other processes of this program and user in this container, found through {@code /proc}. */
public final class Siblings {
    private final Path proc;
    private final String self;

    public Siblings() {
        this(Path.of("/proc"), Long.toString(ProcessHandle.current().pid()));
    }

    /** @param self the name of this process's own directory in {@code proc} */
    Siblings(Path proc, String self) {
        this.proc = proc;
        this.self = self;
    }

    /** The words of its command line after the part shared with this process, and its environment at its start. */
    public record Sibling(List<String> arguments, Map<String, String> environment) {
        public Sibling {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * Whether a matching sibling is running now. It runs the same executable file as this process, and its command line
     * begins with the same words, except for the last {@code ownArguments} words of this process's command line.
     */
    public boolean anyMatch(int ownArguments, Predicate<Sibling> condition) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            List<String> own = words(proc.resolve(self).resolve("cmdline"));
            List<String> prefix = own.subList(0, Math.max(1, own.size() - ownArguments));
            for (Path process : processes) {
                if (!process.endsWith(self) && isMatch(process, prefix, condition)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isMatch(Path process, List<String> prefix, Predicate<Sibling> condition) {
        try {
            if (!Files.isSameFile(process.resolve("exe"), proc.resolve(self).resolve("exe"))) {
                return false;
            }
            List<String> words = words(process.resolve("cmdline"));
            // The first word depends on whether the program was called by a path, a name or a link.
            if (words.size() < prefix.size()
                    || !words.subList(1, prefix.size()).equals(prefix.subList(1, prefix.size()))) {
                return false;
            }
            return condition.test(new Sibling(words.subList(prefix.size(), words.size()), environment(process)));
        } catch (IOException e) {
            return false; // The process has ended or belongs to another user.
        }
    }

    public Map<String, String> ownEnvironment() throws IOException {
        return environment(proc.resolve(self));
    }

    private static Map<String, String> environment(Path process) throws IOException {
        Map<String, String> environment = new TreeMap<>();
        for (String variable : words(process.resolve("environ"))) {
            int end = variable.indexOf('=');
            if (end > 0) {
                environment.put(variable.substring(0, end), variable.substring(end + 1));
            }
        }
        return environment;
    }

    /** Each word ends with a NUL. The encoding does not matter, because the words are only compared. */
    private static List<String> words(Path file) throws IOException {
        List<String> words =
                new ArrayList<>(List.of(Files.readString(file, ISO_8859_1).split("\0", -1)));
        words.remove(words.size() - 1);
        return words;
    }
}
