package io.tokenguardian.command;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the system properties at the start of the command line. {@code java} reads only the properties that come before
 * the program's name. By default, a native executable would read properties at any position. It would also read
 * {@code -XX:} and the heap's {@code -X} options, even those meant for {@code exec}'s command. The build turns that off
 * ({@code -H:-ParseRuntimeOptions} in {@code pom.xml}), and this class reads the properties before the first other
 * argument.
 */
public final class SystemProperties {
    private static final Pattern PROPERTY = Pattern.compile("-D(?<name>[^=]+)(=(?<value>.*))?", Pattern.DOTALL);

    /** Makes the JDK print all bytes that are sent over TLS as a hex dump, in which the token can't be masked. */
    private static final String TLS_DEBUG = "javax.net.debug";

    private SystemProperties() {}

    /** Ends the program if the JDK would print the token. Must be called before TLS is first used. */
    public static void refuseTlsDebug() {
        if (System.getProperty(TLS_DEBUG) != null) {
            System.err.println(
                    PrintingCommand.line(TLS_DEBUG + " is not allowed, because the JDK would print the token"));
            System.exit(ExitCode.USAGE);
        }
    }

    /**
     * Sets the properties at the beginning of {@code arguments}. Has no effect on a value that the JDK has already
     * cached, such as {@code java.io.tmpdir}.
     *
     * @return the other arguments
     */
    public static String[] setLeading(String... arguments) {
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
