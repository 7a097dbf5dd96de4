package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the script that {@code completion} prints in the shells that are installed. */
class CompletionIT {
    /** Calls the function that the script registers, as bash does. Arguments: the script's path and the words. */
    private static final String IN_BASH = """
            . "$1"; shift
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            complete_it() { _complete_token-guardian token-guardian "${COMP_WORDS[COMP_CWORD]}"; echo "${COMPREPLY[@]}"; }
            complete_it
            """;

    /** Types the words and a tab into a zsh in a terminal, and prints the resulting line. */
    private static final String IN_ZSH = """
            zmodload zsh/zpty
            zpty terminal zsh -f -i
            zpty -w terminal "PS1=; . $1; show() { print -r -- \\"<\\$BUFFER>\\"; exit }; zle -N show; bindkey '^X' show"
            shift
            zpty -w -n terminal "$*"$'\\t\\x18'
            zpty -r terminal out $'*<token-guardian*>*'
            print -r -- "${${out##*<}%%>*}"
            """;

    @TempDir
    static Path directory;

    private static Path script;

    @BeforeAll
    static void print() throws Exception {
        Program.Ended ended = Program.run(Map.of(), "completion", "bash");
        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.err()).isEmpty();
        script = Files.writeString(directory.resolve("completion"), ended.out());
    }

    @ParameterizedTest(name = "{0}{1}")
    @CsvSource({
        "'', se, serve settings",
        "settings -o, j, json",
        "exec, --q, --quit",
        "wait --accepted-by, a, any",
        "exec, --timeout-, --timeout-fatal",
        "completion, z, zsh",
        "'', exp, explain",
        "explain -o, j, json",
        "explain -o, s, svg",
        "explain, --name, --namespace"
    })
    void bashCompletesAWord(String before, String word, String completions) throws Exception {
        assumeIsInstalled("bash");
        List<String> words = Stream.of(
                        Stream.of("token-guardian"),
                        Stream.of(before.split(" ")).filter(each -> !each.isEmpty()),
                        Stream.of(word))
                .flatMap(each -> each)
                .toList();

        Program.Ended ended = inShell(List.of("bash", "--norc", "-c", IN_BASH, "bash", script.toString()), words);

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.out().strip()).as(ended.toString()).isEqualTo(completions);
    }

    @ParameterizedTest
    @CsvSource({
        "token-guardian sett, token-guardian settings",
        "token-guardian settings -o j, token-guardian settings -o json",
        "token-guardian check --max, token-guardian check --max-skew"
    })
    void zshCompletesALine(String typed, String completed) throws Exception {
        assumeIsInstalled("zsh");

        Program.Ended ended = inShell(List.of("zsh", "-f", "-c", IN_ZSH, "zsh", script.toString()), List.of(typed));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.out().strip()).as(ended.toString()).isEqualTo(completed);
    }

    @ParameterizedTest
    @CsvSource({
        "token-guardian sett, settings",
        "token-guardian settings -o j, json",
        "token-guardian wait --accepted-by e, every",
        "token-guardian check --max, --max-skew",
        "token-guardian explain --name, --namespace",
        "token-guardian explain -o s, svg",
        "token-guardian completion f, fish"
    })
    void fishCompletesALine(String typed, String completion) throws Exception {
        assertThat(fishCompletions(typed)).containsExactly(completion);
    }

    /** Returns the completions that fish offers for {@code typed}, without descriptions. */
    private List<String> fishCompletions(String typed) throws Exception {
        assumeIsInstalled("fish");
        Path fish = Files.writeString(
                Files.createTempFile(directory, "fish", ""), // parallel tests need separate files
                Program.run(Map.of(), "completion", "fish").out());

        Program.Ended ended = inShell(
                List.of("fish", "--no-config", "-c", "source $argv[1]; complete -C \"$argv[2..]\"", fish.toString()),
                List.of(typed));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        return ended.out().lines().map(line -> line.replaceFirst("\t.*", "")).toList();
    }

    /** The build directory contains {@code pom.xml} and {@code src}. */
    @ParameterizedTest
    @CsvSource({
        "token-guardian wait --timeout po, ''",
        "token-guardian check --max-skew po, ''",
        "token-guardian check --context po, ''",
        "token-guardian check --kubeconfig po, pom.xml",
        "token-guardian explain po, ''",
        "token-guardian install sr, src/",
        "token-guardian exec --timeout 5m po, pom.xml"
    })
    void fishCompletesAFileNameOnlyIfTheArgumentIsAFile(String typed, String completion) throws Exception {
        assertThat(fishCompletions(typed))
                .containsExactlyElementsOf(completion.isEmpty() ? List.of() : List.of(completion));
    }

    @Test
    void zshGetsTheSameScriptAsBash() throws Exception {
        assertThat(Program.run(Map.of(), "completion", "zsh").out()).isEqualTo(Files.readString(script));
    }

    @Test
    void anUnknownShellIsAUsageError() throws Exception {
        assertThat(Program.run(Map.of(), "completion", "cmd").exitCode()).isEqualTo(2);
    }

    private static Program.Ended inShell(List<String> shell, List<String> words) throws Exception {
        try (Program program =
                Program.startOther(shell, Map.of("HOME", directory.toString()), words.toArray(String[]::new))) {
            return program.ended();
        }
    }

    private static void assumeIsInstalled(String shell) {
        assumeTrue(
                Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, shell))),
                () -> shell + " is not installed");
    }
}
