package io.tokenguardian.cli;

import io.quarkus.picocli.runtime.PicocliCommandLineFactory;
import io.smallrye.config.ConfigValidationException;
import io.tokenguardian.config.SettingException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import picocli.CommandLine;

/** Creates the command line of picocli. A command that fails prints one line of our own, and no stack trace. */
@ApplicationScoped
class CommandLineConfig {

    @Produces
    CommandLine commandLine(PicocliCommandLineFactory factory) {
        // All arguments after the name of exec's command belong to that command, options too.
        return factory.create()
                .setStopAtPositional(true)
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
                    int code = isWrongSetting(failure) ? ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
                    return PrintingCommand.failed(commandLine, code, message(failure));
                });
    }

    /** The message of the root cause or, if there is one, of the {@code SettingException}. */
    static String message(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof SettingException)) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** Whether a setting is wrong, one of ours or of Quarkus. */
    static boolean isWrongSetting(Throwable failure) {
        Throwable root = failure;
        while (root != null && !(root instanceof SettingException || root instanceof ConfigValidationException)) {
            root = root.getCause();
        }
        return root != null;
    }
}
