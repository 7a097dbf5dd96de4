package io.tokenguardian.config;

import io.netty.util.NetUtil;
import io.tokenguardian.apiserver.ApiServerAddress;
import java.net.InetAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the text of a setting or an option is read.
 *
 * @param allowed the allowed texts, as worded in error messages, such as {@code is true or false}
 * @param parser returns null, or throws an {@link IllegalArgumentException}, if the text is not allowed
 */
public record Format<T>(String allowed, Function<String, @Nullable T> parser) {

    static final Format<String> TEXT = of("is any text", text -> text);

    static final Format<String> SERVER_NAME = of("is a DNS name or an IP address", text -> {
        ApiServerAddress.parse("https://localhost", text);
        return text;
    });

    static final Format<Path> PATH = of("is a path in the file system", Path::of);

    static final Format<InetAddress> IP_ADDRESS = of("is an IP address", NetUtil::createInetAddressFromIpAddressString);

    static final Format<Set<PosixFilePermission>> MODE =
            of("is an octal file mode such as 0640, from 0400 to 0777", Format::parseMode);

    static final Format<Boolean> BOOLEAN = of("is true or false", text -> switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> null;
    });

    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");

    /** Separated by commas. Spaces around a host are ignored. */
    static final Format<List<String>> HOSTS =
            of("is names and IP addresses without a port, such as localhost,127.0.0.1,[::1]", text -> {
                List<String> hosts =
                        Arrays.stream(text.split(",", -1)).map(String::strip).toList();
                return hosts.stream().allMatch(Format::isHost) ? hosts : null;
            });

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Pattern NUMBER = Pattern.compile("([-+]?\\d+)(ms|d|)", Pattern.CASE_INSENSITIVE);

    /** Also of {@code --timeout} and {@code --max-skew}. */
    public static final Format<Duration> UP_TO_A_DAY = duration(Duration.ZERO, Duration.ofDays(1));

    static <T> Format<T> of(String allowed, Function<String, @Nullable T> parser) {
        return new Format<>(allowed, parser);
    }

    static Format<Integer> integer(int least, int most) {
        return of("is a whole number from " + least + " to " + most, text -> {
            int number = Integer.parseInt(text);
            return number < least || number > most ? null : number;
        });
    }

    /** A duration in Quarkus's format. The command line uses this format too, without Quarkus. */
    static Format<Duration> duration(Duration least, Duration most) {
        String allowed = "is a duration such as 500ms, 10s, 5m or 1h, from " + text(least) + " to " + text(most);
        return of(allowed, text -> {
            Duration duration = parseDuration(text.strip());
            return duration.compareTo(least) < 0 || duration.compareTo(most) > 0 ? null : duration;
        });
    }

    /** The name of a constant of {@code type}, in lower case. */
    static <E extends Enum<E>> Format<E> word(Class<E> type) {
        return word(List.of(type.getEnumConstants()));
    }

    static <E extends Enum<E>> Format<E> word(List<E> all) {
        String allowed = all.stream().map(Format::word).collect(Collectors.joining(" or ", "is ", ""));
        return of(
                allowed,
                text -> all.stream()
                        .filter(one -> word(one).equals(text))
                        .findFirst()
                        .orElse(null));
    }

    /**
     * No setting may contain a token, because a user may mistakenly set a token instead of its path.
     *
     * @throws SettingException if the text is not allowed. The message is one line that states {@code name}, what is
     *     allowed and, unless it contains a token, the text
     */
    public T parse(String name, String text) {
        if (SettingException.holdsToken(text)) {
            throw wrong(name, "***", " (it holds a token)");
        }
        try {
            T value = parser.apply(text);
            if (value != null) {
                return value;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            // the message states what is allowed
        }
        throw wrong(name, text, "");
    }

    private SettingException wrong(String name, String text, String cause) {
        String message = name + ": \"" + text + "\" is wrong" + cause + "; allowed " + allowed;
        return new SettingException(message.replaceAll("\\p{Cntrl}", " "));
    }

    private static boolean isHost(String text) {
        return HOST_NAME.matcher(text).matches() || (text.startsWith("[") && NetUtil.isValidIpV6Address(text));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis % HOUR.toMillis() == 0 && millis > 0) {
            return duration.toHours() + "h";
        }
        return millis % 1_000 == 0 ? duration.toSeconds() + "s" : millis + "ms";
    }

    private static Duration parseDuration(String text) {
        Matcher number = NUMBER.matcher(text);
        if (number.matches()) {
            long value = Long.parseLong(number.group(1));
            return switch (number.group(2).toLowerCase(Locale.ROOT)) {
                case "ms" -> Duration.ofMillis(value);
                case "d" -> Duration.ofDays(value);
                default -> Duration.ofSeconds(value);
            };
        }
        try {
            boolean withoutPrefix = text.matches("[-+]?\\d.*");
            return Duration.parse(withoutPrefix ? "PT" + text : text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static @Nullable Set<PosixFilePermission> parseMode(String text) {
        if (!text.matches("0?[4-7][0-7]{2}")) {
            return null;
        }
        List<String> digits = List.of("---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx");
        return PosixFilePermissions.fromString(text.substring(text.length() - 3)
                .chars()
                .mapToObj(digit -> digits.get(digit - '0'))
                .collect(Collectors.joining()));
    }
}
