package io.tokenguardian.cli;

import io.quarkus.picocli.runtime.PicocliCommandLineFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import picocli.CommandLine;

/** The command line as picocli runs it, with our own words for what goes wrong. */
@ApplicationScoped
class CommandLines {

    @Produces
    CommandLine commandLine(PicocliCommandLineFactory factory) {
        // Whatever follows the name of the command that exec runs is that command's.
        return factory.create()
                .setStopAtPositional(true)
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
                    commandLine.getErr().println(oneLine(failure));
                    commandLine.getErr().flush();
                    return isSetting(failure) ? ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
                });
    }

    /** The root of a failure in one line; a wrong setting needs no more than its own message. */
    static String oneLine(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof SettingException)) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return "token-guardian: " + message.replaceAll("\\s*\\R\\s*", " ");
    }

    private static boolean isSetting(Throwable failure) {
        Throwable root = failure;
        while (root != null && !(root instanceof SettingException)) {
            root = root.getCause();
        }
        return root != null;
    }
}
