package io.tokenguardian.proxy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Arrays;
import java.util.List;

/**
 * Parses the regular expressions of {@code accept-hosts}, {@code accept-paths}, {@code reject-paths} and
 * {@code reject-methods}. They use RE2 syntax. Patterns are separated by commas, as in kubectl proxy (kubectl,
 * {@code MakeRegexpArray} in {@code pkg/proxy/proxy_server.go}). A match takes time linear in the length of the text.
 *
 * <p>Unlike kubectl proxy, this class refuses patterns that can only be mistakes. It also refuses patterns that re2j
 * and Go interpret differently because they use different versions of Unicode.
 */
public final class RulePatterns {

    /**
     * The maximum number of instructions in one compiled pattern. re2j runs them recursively, and about 4,000 of them
     * fill a thread's stack.
     */
    private static final int MOST_INSTRUCTIONS = 2000;

    private static final Pattern REPEAT_WITH_COMMA = Pattern.compile("\\{\\d*,\\d*\\}");
    private static final Pattern CASE_INSENSITIVE = Pattern.compile("\\(\\?[A-Za-z]*i");
    private static final Pattern BEYOND_ASCII = Pattern.compile("[^\\x00-\\x7f]|\\\\x");

    private RulePatterns() {}

    /**
     * Parses a list of patterns.
     *
     * @param text the setting as written, including spaces
     * @throws IllegalArgumentException if a pattern is refused; the message gives the reason in a few words
     */
    public static List<Pattern> parse(String text) {
        if (REPEAT_WITH_COMMA.matcher(text).find()) {
            throw wrong("the comma in {1,3} separates two patterns");
        }
        if (text.contains("${")) {
            throw wrong("${ is not replaced here; write \\$\\{ for a literal ${");
        }
        return Arrays.stream(text.split(",", -1)).map(RulePatterns::compile).toList();
    }

    private static Pattern compile(String regex) {
        if (regex.isEmpty()) {
            throw wrong("an empty pattern matches everything");
        }
        if (!regex.equals(regex.strip())) {
            throw wrong("a space before or after a pattern is part of it; write \\x20 if you mean that");
        }
        if (CASE_INSENSITIVE.matcher(regex).find()
                && BEYOND_ASCII.matcher(regex).find()) {
            throw wrong("a pattern with (?i) may have only ASCII characters, and no \\x");
        }
        try {
            Pattern pattern = Pattern.compile(regex, Pattern.DISABLE_UNICODE_GROUPS);
            if (pattern.programSize() <= MOST_INSTRUCTIONS) {
                return pattern;
            }
        } catch (PatternSyntaxException e) {
            throw wrong(e.getDescription() + " " + e.getPattern());
        } catch (StackOverflowError e) {
            // the nesting is too deep
        }
        throw wrong("a pattern is too large");
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what);
    }
}
