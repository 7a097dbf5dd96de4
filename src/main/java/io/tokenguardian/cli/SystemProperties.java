package io.tokenguardian.cli;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The system properties on the command line, which {@code java} takes where they stand before the program. A native executable
 * would take them wherever they stand, and with them {@code -XX:} and the heap's {@code -X} options: {@code exec}'s command would
 * not get its own. So that is off ({@code -H:-ParseRuntimeOptions} in {@code pom.xml}), and those before the first other argument
 * are taken here.
 */
final class SystemProperties {
    private static final Pattern PROPERTY = Pattern.compile("-D(?<name>[^=]+)(=(?<value>.*))?", Pattern.DOTALL);

    private SystemProperties() {}

    /**
     * Sets those that {@code arguments} begin with. What the JDK has kept of its own, such as {@code java.io.tmpdir}, stays.
     *
     * @return the other arguments
     */
    static String[] take(String... arguments) {
        int taken = 0;
        Matcher property = PROPERTY.matcher("");
        while (taken < arguments.length && property.reset(arguments[taken]).matches()) {
            String value = property.group("value");
            System.setProperty(property.group("name"), value == null ? "" : value);
            taken++;
        }
        return Arrays.copyOfRange(arguments, taken, arguments.length);
    }
}
