package io.tokenguardian.command;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the properties at the start of the command line, as {@code java} does. A native executable would read them, and
 * {@code -XX:} and the heap's {@code -X} options, anywhere, even those meant for {@code exec}'s command; the build
 * turns that off ({@code -H:-ParseRuntimeOptions} in {@code pom.xml}).
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

    /** Returns the other arguments. A value that the JDK has cached, such as {@code java.io.tmpdir}, stays. */
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
