package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.ImageMode;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.Version;
import io.tokenguardian.vetted.AtomicFile;
import io.tokenguardian.vetted.Disk;
import io.tokenguardian.vetted.WriteError;
import jakarta.enterprise.context.Dependent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Dependent
@Unremovable
@Command(
        name = "install",
        description = "Copies this executable into a directory, so that another image can use wait and exec.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = "%nExample: token-guardian install /shared")
final class InstallCommand extends PrintingCommand {
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    /** The running executable, even if its file has been replaced since it started. */
    private static final Path SELF = Path.of("/proc/self/exe");

    @Parameters(paramLabel = "DIR", description = "The directory. It is created if it does not exist.")
    Path directory = Path.of("");

    @Override
    public Integer call() {
        try {
            if (ImageMode.current() == ImageMode.JVM) {
                throw new IOException("only the native executable can be installed, but this program runs on a JVM");
            }
            print(copy(SELF, directory) + "\n");
            return ExitCode.ACCEPTED;
        } catch (IOException e) {
            int code = Files.isDirectory(directory) ? CommandLine.ExitCode.SOFTWARE : ExitCode.USAGE;
            return failed(code, "install: " + e.getMessage());
        }
    }

    /** Replaces any earlier copy, even while it runs. An exception's message is one line that names the file. */
    static Path copy(Path executable, Path directory) throws IOException {
        Path copy = directory.resolve("token-guardian");
        try (InputStream content = Files.newInputStream(executable)) {
            new AtomicFile(copy, new Disk()).write(content, MODE);
            return copy;
        } catch (IOException e) {
            throw new IOException(WriteError.of(copy, e), e);
        }
    }
}
