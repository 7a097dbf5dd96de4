package io.tokenguardian.crosscheck;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The file of an exec plugin on Windows, where a kubeconfig names {@code aws} and the file is {@code aws.cmd}. Windows
 * itself, and so the JDK, tries only {@code .exe}. kubectl tries each extension of the variable {@code PATHEXT}.
 */
final class PluginFile {
    private static final String SEPARATOR = Pattern.quote(File.pathSeparator);

    private PluginFile() {}

    /**
     * The command to run: its file, if it is found with an extension of {@code PATHEXT}, else {@code command} itself.
     * So nothing changes where that variable is not set.
     *
     * @param isPath whether the command is a path, and not looked for in {@code PATH}
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
        } catch (InvalidPathException e) { // PATH may have quotes
            return Path.of("");
        }
    }
}
