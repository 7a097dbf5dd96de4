package io.tokenguardian.laptop;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The file of an exec plugin on Windows, where {@code aws} is {@code aws.cmd}. The JDK tries only {@code .exe}, but
 * kubectl tries each extension in {@code PATHEXT}.
 */
final class PluginFile {
    private static final String SEPARATOR = Pattern.quote(File.pathSeparator);

    private PluginFile() {}

    /**
     * Returns {@code command} itself if no file with an extension from {@code PATHEXT} is found.
     *
     * @param isPath whether the command is a path, which is not searched for in {@code PATH}
     */
    static String of(String command, boolean isPath, Map<String, String> environment) {
        String extensions = environment.getOrDefault("PATHEXT", "");
        String path = environment.getOrDefault("PATH", environment.getOrDefault("Path", ""));
        return (isPath ? Stream.of("") : Stream.of(path.split(SEPARATOR)))
                .flatMap(directory -> Stream.of(extensions.split(SEPARATOR))
                        .filter(extension -> !extension.isEmpty())
                        .map(extension -> file(directory, command + extension)))
                .filter(Files::isRegularFile)
                .map(Path::toString)
                .findFirst()
                .orElse(command);
    }

    private static Path file(String directory, String name) {
        try {
            return Path.of(directory, name);
        } catch (InvalidPathException e) { // PATH may contain quotes
            return Path.of("");
        }
    }
}
