package io.tokenguardian.cli;

import io.tokenguardian.config.SettingException;
import io.tokenguardian.token.PrintableText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** A command that prints its result, or its failure in one line. */
abstract class PrintingCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    /** As picocli knows this command. */
    final CommandSpec spec() {
        return Objects.requireNonNull(spec, "picocli sets it before it calls");
    }

    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    /** Prints {@code text} to stdout. */
    final void print(String text) {
        out().print(text);
        out().flush();
    }

    /** Prints in one line to stderr what has gone wrong, and returns {@code exitCode}. */
    final int failed(int exitCode, @Nullable String what) {
        return failed(spec().commandLine(), exitCode, what);
    }

    /** As {@link #failed(int, String)}, for any command. */
    static int failed(CommandLine command, int exitCode, @Nullable String what) {
        command.getErr().println(line(what));
        command.getErr().flush();
        return exitCode;
    }

    /** One line, in place of picocli's whole usage. */
    static int wrongUsage(ParameterException failure) {
        StringWriter suggestions = new StringWriter();
        UnmatchedArgumentException.printSuggestions(failure, new PrintWriter(suggestions));
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        return failed(
                failure.getCommandLine(),
                ExitCode.USAGE,
                "%s; see \"%s --help\". %s"
                        .formatted(failure.getMessage(), command, suggestions)
                        .strip());
    }

    /** A failure in one line, without anything that looks like a credential. */
    static String line(@Nullable String what) {
        String oneLine = SettingException.masked(String.valueOf(what)).replaceAll("\\s*\\R\\s*", " ");
        return "token-guardian: " + PrintableText.of(oneLine);
    }
}
