package io.tokenguardian.graal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Puts the methods that run after startup, listed by {@code bench/methods}, first in the native executable's code: the
 * kernel maps 64 KiB around each touched page, so scattered methods would keep most of the code in memory. GraalVM has
 * no option for the order, so this class replaces the object that determines it, by reflection. If this fails with
 * another version of GraalVM, the build prints one line and keeps GraalVM's own order.
 */
final class CodeOrder implements Feature {
    private static final String BUILDER = "com.oracle.svm.hosted.";
    private static final String NAMES = "/META-INF/native-image/io.tokenguardian/token-guardian/methods.txt";

    /** Matches the signature hash at the end of a method's name. */
    private static final Pattern HASH = Pattern.compile("_[A-Za-z0-9]{22}$");

    @Override
    public String getDescription() {
        return "Groups the code that runs after startup";
    }

    /** Replaces the object that determines the order, which one of GraalVM's own features has added by now. */
    @Override
    @SuppressWarnings("unchecked")
    public void beforeCompilation(BeforeCompilationAccess access) {
        try {
            Class<?> type = Class.forName(BUILDER + "code.CodeSectionLayouter");
            Class<?> management = Class.forName(BUILDER + "ImageSingletonsSupportImpl$HostedManagement");
            Field field = management.getDeclaredField("configObjects");
            field.setAccessible(true);
            Map<Class<?>, Object> objects = (Map<Class<?>, Object>)
                    Objects.requireNonNull(field.get(management.getMethod("get").invoke(null)));
            Object original = Objects.requireNonNull(objects.get(type), "no " + type);
            Method nameOf = Class.forName(BUILDER + "meta.HostedMethod").getMethod("getUniqueShortName");
            nameOf.setAccessible(true);
            Set<String> names = names();
            InvocationHandler handler = (proxy, method, arguments) -> {
                method.setAccessible(true);
                Object result = method.invoke(original, arguments);
                return result instanceof List<?> all ? ordered(all, nameOf, names) : result;
            };
            objects.put(type, Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
        } catch (ReflectiveOperationException | IOException | RuntimeException e) {
            keepOrder(e);
        }
    }

    private static Set<String> names() throws IOException {
        try (InputStream list = Objects.requireNonNull(CodeOrder.class.getResourceAsStream(NAMES), NAMES)) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .collect(Collectors.toSet());
        }
    }

    /** Returns the listed methods first and then the others, each group in GraalVM's order. */
    private static List<?> ordered(List<?> all, Method nameOf, Set<String> names) {
        List<Object> listed = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        Set<String> found = new HashSet<>();
        try {
            for (Object method : all) {
                String name = HASH.matcher((String) nameOf.invoke(method)).replaceFirst("");
                if (names.contains(name)) {
                    found.add(name);
                    listed.add(method);
                } else {
                    others.add(method);
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            keepOrder(e);
            return all;
        }
        print("found " + found.size() + " of the " + names.size() + " listed methods, which come first in the code");
        listed.addAll(others);
        return listed;
    }

    private static void keepOrder(Exception reason) {
        print("this version of GraalVM orders code differently (" + reason + "), so a pod takes about 8 MiB more "
                + "memory. docs/reference.md lists the versions that are known to work");
    }

    @SuppressWarnings("SystemOut") // GraalVM prints its own progress there too
    static void print(String line) {
        System.out.println("token-guardian: " + line);
    }
}
