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

/** A command that prints its result, or a failure in one line. */
abstract class PrintingCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    /** The picocli specification of this command. */
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

    /** Prints a failure in one line to stderr, and returns {@code exitCode}. */
    final int failed(int exitCode, @Nullable String what) {
        return failed(spec().commandLine(), exitCode, what);
    }

    /** Does for any command what {@link #failed(int, String)} does. */
    static int failed(CommandLine command, int exitCode, @Nullable String what) {
        command.getErr().println(line(what));
        command.getErr().flush();
        return exitCode;
    }

    /** Prints a single line in place of picocli's full usage text. */
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

    /** Returns a one-line failure message in which everything that looks like a credential is masked. */
    static String line(@Nullable String what) {
        String oneLine = SettingException.masked(String.valueOf(what)).replaceAll("\\s*\\R\\s*", " ");
        return "token-guardian: " + PrintableText.of(oneLine);
    }
}
