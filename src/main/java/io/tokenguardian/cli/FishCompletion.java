package io.tokenguardian.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A completion script for fish, which picocli can't generate. It contains one line for each command, option and
 * parameter.
 */
final class FishCompletion {
    private final String program;
    private final List<String> lines = new ArrayList<>();

    private FishCompletion(String program) {
        this.program = program;
    }

    /** Returns the script for the program whose top-level command is {@code root}. */
    static String of(CommandSpec root) {
        FishCompletion script = new FishCompletion(root.name());
        script.add("", "-f");
        script.addOptions(root, "__fish_use_subcommand");
        for (Map.Entry<String, CommandLine> command : root.subcommands().entrySet()) {
            CommandSpec spec = command.getValue().getCommandSpec();
            script.add(
                    "__fish_use_subcommand",
                    "-a " + command.getKey() + description(spec.usageMessage().description()));
            script.addOptions(spec, "__fish_seen_subcommand_from " + command.getKey());
        }
        return String.join("\n", script.lines) + "\n";
    }

    private void addOptions(CommandSpec spec, String condition) {
        for (OptionSpec option : spec.options()) {
            StringBuilder names = new StringBuilder();
            for (String name : option.names()) {
                names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
            }
            add(condition, names.substring(1) + value(option) + description(option.description()));
        }
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            String candidates = candidates(parameter);
            if (!candidates.isEmpty()) {
                add(condition, candidates.substring(1));
            } else if (parameter.type() != String.class) { // a String, such as a pod's name, is not a file
                add(condition, "-F");
            }
        }
    }

    private void add(String condition, String rest) {
        lines.add("complete -c " + program + (condition.isEmpty() ? "" : " -n '" + condition + "'") + " " + rest);
    }

    /**
     * Returns {@code -r} for an option whose value is a file, {@code -x} for an option with any other value, and
     * nothing for a flag.
     */
    private static String value(OptionSpec option) {
        if (option.arity().max() == 0) {
            return "";
        }
        return option.type() == Path.class ? " -r" : " -x" + candidates(option);
    }

    private static String candidates(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        return candidates == null
                ? ""
                : StreamSupport.stream(candidates.spliterator(), false).collect(Collectors.joining(" ", " -a '", "'"));
    }

    private static String description(String... lines) {
        return lines.length == 0
                ? ""
                : " -d '" + String.join(" ", lines).replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
