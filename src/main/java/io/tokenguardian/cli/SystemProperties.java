package io.tokenguardian.cli;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the system properties on the command line. {@code java} reads only those before the program. A native
 * executable would read them anywhere, and also {@code -XX:} and the heap's {@code -X} options, even those for
 * {@code exec}'s command. That is switched off ({@code -H:-ParseRuntimeOptions} in {@code pom.xml}). This class reads
 * the properties before the first other argument.
 */
final class SystemProperties {
    private static final Pattern PROPERTY = Pattern.compile("-D(?<name>[^=]+)(=(?<value>.*))?", Pattern.DOTALL);

    private SystemProperties() {}

    /**
     * Sets the properties at the beginning of {@code arguments}. A value that the JDK has already read and kept, such
     * as {@code java.io.tmpdir}, does not change.
     *
     * @return the other arguments
     */
    static String[] setLeading(String... arguments) {
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
