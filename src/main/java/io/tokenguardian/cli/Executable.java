package io.tokenguardian.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which file a command's name means: the rule of {@code execvp}. */
final class Executable {
    private Executable() {}

    /**
     * Finds it: a name with a slash is a path, another one is looked for in the directories of {@code PATH}.
     *
     * @param searchPath the value of {@code PATH}; null when there is none
     * @throws CommandNotStartedException if there is no such file, or none that can be executed
     */
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
            // No file can have that name.
        }
        if (unusable != null) {
            throw new CommandNotStartedException(
                    unusable + (Files.isDirectory(unusable) ? " is a directory" : " may not be executed"),
                    CommandNotStartedException.NOT_EXECUTABLE);
        }
        throw new CommandNotStartedException(
                name.contains("/") ? name + " does not exist" : name + " is in no directory of PATH",
                CommandNotStartedException.NOT_FOUND);
    }

    private static List<Path> candidates(String name, @Nullable String searchPath) {
        if (name.isEmpty() || name.contains("/")) {
            return name.isEmpty() ? List.of() : List.of(Path.of(name));
        }
        return Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(searchPath == null ? "" : searchPath)
                // An empty entry is the directory that the process is in.
                .map(directory -> Path.of(directory).resolve(name))
                .toList();
    }
}
