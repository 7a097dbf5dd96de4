package io.tokenguardian.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the file of a command, like musl's {@code execvp} with a {@code PATH} that does not end in a colon. */
final class Executable {
    /** The search path if {@code PATH} is not set. */
    private static final String DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin";

    private Executable() {}

    /** @param searchPath the value of the {@code PATH} variable; null if it is not set */
    static Path find(String name, @Nullable String searchPath) throws CommandNotStartedException {
        Path unusable = null;
        try {
            for (Path candidate : candidates(name, searchPath)) {
                if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                    return candidate;
                }
                unusable = Files.exists(candidate) ? candidate : unusable;
            }
        } catch (InvalidPathException e) {
            // no file can have this name
        }
        if (unusable != null) {
            throw new CommandNotStartedException(
                    unusable + (Files.isDirectory(unusable) ? " is a directory" : " may not be executed"),
                    CommandNotStartedException.NOT_EXECUTABLE);
        }
        throw new CommandNotStartedException(
                name.contains("/") ? name + " does not exist" : name + " was not found in PATH",
                CommandNotStartedException.NOT_FOUND);
    }

    private static List<Path> candidates(String name, @Nullable String searchPath) {
        if (name.isEmpty() || name.contains("/")) {
            return name.isEmpty() ? List.of() : List.of(Path.of(name));
        }
        return Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(searchPath == null ? DEFAULT_PATH : searchPath)
                // An empty entry stands for the process's working directory. Empty entries at the end are ignored.
                .map(directory -> Path.of(directory).resolve(name))
                .toList();
    }
}
