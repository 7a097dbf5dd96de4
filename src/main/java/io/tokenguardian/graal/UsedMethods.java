package io.tokenguardian.graal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The methods that kubelet's probes and plain requests run after the start. {@code bench/methods} makes the list of
 * their names. A name that no method has any more is ignored.
 */
final class UsedMethods {

    private static final String NAMES = "/META-INF/native-image/io.tokenguardian/token-guardian/methods.txt";

    /** The hash of its signature, at the end of a method's name. */
    private static final Pattern HASH = Pattern.compile("_[A-Za-z0-9]{22}$");

    private final Set<String> names;
    private final Method nameOf;

    /** Fails if this GraalVM has no such names. */
    UsedMethods() throws ReflectiveOperationException {
        nameOf = Class.forName("com.oracle.svm.hosted.meta.HostedMethod").getMethod("getUniqueShortName");
        try (InputStream list = UsedMethods.class.getResourceAsStream(NAMES)) {
            names = new String(Objects.requireNonNull(list, NAMES).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new IllegalStateException(NAMES, e);
        }
    }

    /** @param method one of GraalVM's {@code HostedMethod}s */
    boolean contains(Object method) throws ReflectiveOperationException {
        return names.contains(HASH.matcher((String) nameOf.invoke(method)).replaceFirst(""));
    }
}
