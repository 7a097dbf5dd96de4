package io.tokenguardian.cli;

import io.quarkus.picocli.runtime.PicocliCommandLineFactory;
import io.smallrye.config.ConfigValidationException;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.config.SettingException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.Comparator;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** Creates the picocli command line. A command that fails prints a single line instead of a stack trace. */
@ApplicationScoped
class CommandLineConfig {
    /** Quarkus's message for a value that it can't convert. */
    private static final Pattern WRONG_VALUE = Pattern.compile("SRCFG00039: The config property (\\S+) with the"
            + " config value \"([^\"]*)\" threw an Exception whilst being converted ([^\\r\\n]*)");

    private static final int NAME = 1; // groups of WRONG_VALUE
    private static final int VALUE = 2;
    private static final int WHY = 3;

    private static final String LEVELS = "; allowed is OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE or ALL";

    @Produces
    CommandLine commandLine(PicocliCommandLineFactory factory) {
        CommandLine commandLine = factory.create();
        // All arguments after the name of exec's command belong to that command, including options.
        Objects.requireNonNull(commandLine.getSubcommands().get("exec")).setStopAtPositional(true);
        return commandLine
                // By default, picocli replaces @FILE by the words in FILE, even among the arguments of exec's command.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((failure, arguments) -> PrintingCommand.wrongUsage(failure))
                .setExecutionExceptionHandler((failure, failed, parsed) -> {
                    int code = isWrongSetting(failure) ? ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
                    return PrintingCommand.failed(failed, code, message(failure));
                });
    }

    /** Returns the message of the {@code SettingException} among the causes, or else the message of the root cause. */
    static String message(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof SettingException)) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        // Quarkus also reports settings whose defaults come from the invalid setting.
        return WRONG_VALUE
                .matcher(message)
                .results()
                .min(Comparator.comparing(wrong -> !Main.isGiven(wrong.group(NAME))))
                .map(CommandLineConfig::wrongValue)
                .orElse(message);
    }

    private static String wrongValue(MatchResult wrong) {
        String why = wrong.group(WHY);
        return wrong.group(NAME) + ": \"" + wrong.group(VALUE) + "\" is wrong: " + why
                + (why.startsWith("Unknown level") ? LEVELS : "");
    }

    /** Whether the failure was caused by an invalid setting, of either the guardian or Quarkus. */
    static boolean isWrongSetting(Throwable failure) {
        Throwable root = failure;
        while (root != null && !(root instanceof SettingException || root instanceof ConfigValidationException)) {
            root = root.getCause();
        }
        return root != null;
    }
}
