package io.tokenguardian.graal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Puts the methods that run after the start at the beginning of the native executable's code, in front of all others.
 * GraalVM's community edition orders code by the names of classes. The kernel maps 64 KiB around each page that is
 * touched, so that a few scattered methods would keep most of the code in memory.
 *
 * <p>The list of the methods is made by {@code bench/methods}. A name that no method has any more is ignored, and a
 * method that is missing there is found behind the others.
 *
 * <p>GraalVM has no option for this order. So the object that decides about it is replaced by reflection. A GraalVM
 * without it fails the build.
 */
final class CodeOrder implements Feature {

    private static final String METHODS = "/META-INF/native-image/io.tokenguardian/token-guardian/methods.txt";
    private static final String BUILDER = "com.oracle.svm.hosted.";

    /** The hash of its signature, at the end of a method's name. */
    private static final Pattern HASH = Pattern.compile("_[A-Za-z0-9]{22}$");

    @Override
    public String getDescription() {
        return "Puts the code that runs after the start together";
    }

    /** GraalVM's own features, of which one adds the object, come before those of an application. */
    @Override
    @SuppressWarnings("unchecked")
    public void beforeCompilation(BeforeCompilationAccess access) {
        try {
            Class<?> type = Class.forName(BUILDER + "code.CodeSectionLayouter");
            if (type.getMethods().length != 1 || type.getMethods()[0].getReturnType() != List.class) {
                throw new IllegalStateException("this GraalVM orders code in another way: " + type);
            }
            Class<?> management = Class.forName(BUILDER + "ImageSingletonsSupportImpl$HostedManagement");
            Field field = management.getDeclaredField("configObjects");
            field.setAccessible(true);
            Map<Class<?>, Object> singletons = (Map<Class<?>, Object>)
                    Objects.requireNonNull(field.get(management.getMethod("get").invoke(null)));
            Object byName = Objects.requireNonNull(singletons.get(type), "no " + type);
            Method nameOf = Class.forName(BUILDER + "meta.HostedMethod").getMethod("getUniqueShortName");
            Set<String> first = methods();
            singletons.put(
                    type,
                    Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        Object result = method.invoke(byName, arguments);
                        return result instanceof List<?> all ? ordered(all, nameOf, first) : result;
                    }));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this GraalVM orders code in another way", e);
        }
    }

    private static Set<String> methods() {
        try (InputStream methods = CodeOrder.class.getResourceAsStream(METHODS)) {
            return new String(Objects.requireNonNull(methods, METHODS).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new IllegalStateException(METHODS, e);
        }
    }

    private static List<Object> ordered(List<?> all, Method nameOf, Set<String> first)
            throws ReflectiveOperationException {
        List<Object> ordered = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        for (Object each : all) {
            String name = HASH.matcher((String) nameOf.invoke(each)).replaceFirst("");
            (first.contains(name) ? ordered : others).add(each);
        }
        if (ordered.isEmpty()) {
            throw new IllegalStateException("no method has a name in " + METHODS);
        }
        ordered.addAll(others);
        return ordered;
    }
}
