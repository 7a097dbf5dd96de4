package io.tokenguardian.command;

import io.tokenguardian.config.SettingException;
import io.tokenguardian.token.PrintableText;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** A command that prints its result, or a failure in one line. */
public abstract class PrintingCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    protected final CommandSpec spec() {
        return Objects.requireNonNull(spec, "picocli sets it before it calls");
    }

    protected final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    protected final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    protected final void print(String text) {
        out().print(text);
        out().flush();
    }

    /** Prints a failure in one line to stderr, and returns {@code exitCode}. */
    protected final int failed(int exitCode, @Nullable String what) {
        return failed(spec().commandLine(), exitCode, what);
    }

    public static int failed(CommandLine command, int exitCode, @Nullable String what) {
        command.getErr().println(line(what));
        command.getErr().flush();
        return exitCode;
    }

    /** Prints a single line in place of picocli's full usage text. */
    public static int wrongUsage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String what = failure instanceof UnmatchedArgumentException unmatched
                ? unmatched(unmatched.getUnmatched().get(0), command.getCommandSpec())
                : failure.getMessage();
        return failed(
                command,
                ExitCode.USAGE,
                "%s; see \"%s --help\"."
                        .formatted(what, command.getCommandSpec().qualifiedName()));
    }

    private static String unmatched(String argument, CommandSpec command) {
        boolean isCommand = !command.subcommands().isEmpty() && !argument.startsWith("-");
        Stream<String> options = command.options().stream().map(OptionSpec::longestName);
        Stream<String> words = command.positionalParameters().stream().map(PositionalParamSpec::paramLabel);
        return "%s\"%s\" is %s; allowed is %s"
                .formatted(
                        command.parent() == null ? "" : command.name() + ": ",
                        argument,
                        isCommand ? "not a command" : "wrong",
                        isCommand
                                ? String.join(", ", command.subcommands().keySet())
                                : Stream.concat(words, options).collect(Collectors.joining(", ")));
    }

    /** Returns a one-line failure message in which everything that looks like a credential is masked. */
    public static String line(@Nullable String what) {
        String oneLine = SettingException.masked(String.valueOf(what)).replaceAll("\\s*\\R\\s*", " ");
        return "token-guardian: " + PrintableText.of(oneLine);
    }
}
