package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If a token is given as a word, an option's value, a property or a variable, no output contains its signature. */
class TokenAsArgumentIT {
    private static final Pattern COMMAND = Pattern.compile("(?m)^  ([a-z]+)  ");
    private static final Pattern OPTION = Pattern.compile("(?m)^ +(?:-(?<letter>\\w))?(?:, )?(?:--(?<word>[\\w-]+))?");

    private static final Map<String, String> SETTINGS = Map.of(
            "GUARDIAN_API_SERVER_URL", "https://127.0.0.1:1",
            "GUARDIAN_TOKEN_PATH", "/nowhere/token",
            "GUARDIAN_WAIT_TIMEOUT", "0s");

    private final String token = TestTokens.issuedAt(Instant.now()).text();
    private final String signature = token.substring(token.lastIndexOf('.') + 1);

    @Test
    void noOutputContainsASignature(@TempDir Path directory) throws Exception {
        List<String> telling = new ArrayList<>();
        for (List<String> arguments : arguments(directory)) {
            Program.Ended ended = Program.command(SETTINGS, arguments.toArray(String[]::new));
            if (tells(ended)) {
                telling.add(arguments.toString().replace(token, "TOKEN"));
            }
        }

        assertThat(telling).isEmpty();
    }

    @Test
    void noVariableShowsASignature() throws Exception {
        for (String name : List.of("GUARDIAN_TOKEN_PATH", "GUARDIAN_" + token, "guardian." + lower())) {
            Program.Ended ended = Program.command(
                    Map.of(name, token, "GUARDIAN_API_SERVER_URL", "https://127.0.0.1:1"), "wait", "--timeout", "0s");

            assertThat(tells(ended)).isFalse();
        }
    }

    private boolean tells(Program.Ended ended) {
        String said = (ended.out() + ended.err()).toLowerCase(Locale.ROOT);
        // Searches for any twelve consecutive characters of the signature, in upper or lower case.
        return Stream.iterate(0, from -> from + 12 <= signature.length(), from -> from + 1)
                .map(from -> signature.substring(from, from + 12).toLowerCase(Locale.ROOT))
                .anyMatch(said::contains);
    }

    private String lower() {
        return token.toLowerCase(Locale.ROOT);
    }

    private List<List<String>> arguments(Path directory) throws Exception {
        List<List<String>> all = new ArrayList<>(List.of(
                List.of(token),
                List.of(lower()),
                List.of(signature),
                List.of(token.substring(token.indexOf('.') + 1)),
                List.of("--" + token),
                List.of("-x" + token),
                List.of("--help", token),
                List.of("-Dguardian." + token + "=1", "wait"),
                List.of("-Dguardian." + lower() + "=1", "wait"),
                List.of("-Dguardian.token.path=" + token, "wait"),
                List.of("-Dquarkus.http.port=" + token),
                List.of("-Dquarkus.http.host=" + token),
                List.of("-Dquarkus.log.level=" + token)));
        List<String> commands = COMMAND.matcher(
                        Program.command(SETTINGS, "help").out())
                .results()
                .map(command -> command.group(1))
                .toList();
        assertThat(commands).contains("serve", "wait", "exec", "check", "settings");
        for (String command : commands) {
            all.add(List.of(command, token));
            all.add(List.of(command, "word", token));
            all.add(List.of(command, directory.toString(), token));
            all.add(List.of(command, "--" + token));
            Matcher option =
                    OPTION.matcher(Program.command(SETTINGS, "help", command).out());
            while (option.find()) {
                String letter = option.group("letter");
                String word = option.group("word");
                if (word != null && !List.of("help", "version").contains(word)) {
                    all.add(List.of(command, "--" + word, token));
                    all.add(List.of(command, "--" + word + "=" + token, "x"));
                }
                if (letter != null && !List.of("h", "V").contains(letter)) {
                    all.add(List.of(command, "-" + letter + token));
                }
            }
        }
        return all;
    }
}
