package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.ImageMode;
import io.tokenguardian.process.Installation;
import jakarta.enterprise.context.Dependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Implements {@code install}: copies the native executable into a shared volume, for images that don't have it. */
@Dependent
@Unremovable
@Command(
        name = "install",
        description = "Copies this executable into a directory, so that another image can use wait and exec.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class InstallCommand implements Callable<Integer> {

    /** The running executable, even if its file has been replaced since the start. */
    private static final Path SELF = Path.of("/proc/self/exe");

    @Parameters(paramLabel = "DIR", description = "The directory. It is created if it does not exist.")
    Path directory = Path.of("");

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine commandLine =
                Objects.requireNonNull(spec, "picocli sets it before it calls").commandLine();
        try {
            if (ImageMode.current() == ImageMode.JVM) {
                throw new IOException("only the native executable can be installed: this one runs on a JVM");
            }
            commandLine.getOut().println(new Installation(SELF).copyTo(directory));
            commandLine.getOut().flush();
            return ExitCode.ACCEPTED;
        } catch (IOException e) {
            commandLine.getErr().println("token-guardian: install: " + e.getMessage());
            commandLine.getErr().flush();
            return Files.isDirectory(directory) ? CommandLine.ExitCode.SOFTWARE : ExitCode.USAGE;
        }
    }
}
