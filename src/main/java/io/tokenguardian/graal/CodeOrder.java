package io.tokenguardian.graal;

import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Puts the methods that run after the start at the beginning of the native executable's code, in front of all others.
 * GraalVM's community edition orders code by the names of classes. The kernel maps 64 KiB around each page that is
 * touched, so that a few scattered methods would keep most of the code in memory.
 *
 * <p>Methods that {@link UsedMethods} does not list come after those that it lists, in GraalVM's order.
 *
 * <p>GraalVM has no option for this order. So the object that decides about it is replaced by reflection. A GraalVM
 * without it fails the build.
 */
final class CodeOrder implements Feature {

    private static final String BUILDER = "com.oracle.svm.hosted.";

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
            UsedMethods first = new UsedMethods();
            singletons.put(
                    type,
                    Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        Object result = method.invoke(byName, arguments);
                        return result instanceof List<?> all ? ordered(all, first) : result;
                    }));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this GraalVM orders code in another way", e);
        }
    }

    private static List<Object> ordered(List<?> all, UsedMethods first) throws ReflectiveOperationException {
        List<Object> ordered = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        for (Object each : all) {
            (first.contains(each) ? ordered : others).add(each);
        }
        if (ordered.isEmpty()) {
            throw new IllegalStateException("no method is one of those that run after the start");
        }
        ordered.addAll(others);
        return ordered;
    }
}
