package io.tokenguardian.graal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collection;
import org.graalvm.nativeimage.ImageSingletons;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Compiles all methods but the {@link UsedMethods} with GraalVM's {@code ReduceCodeSize}: each object is allocated by a
 * call, and not in line. These methods run at the start, seldom, or not at all.
 *
 * <p>GraalVM has this option for all methods or none. But for a single method, the function that compiles it can be set
 * ({@code setCustomCompileFunction}). The function that is set here calls GraalVM's default one, with the option.
 */
final class CodeSize implements Feature {

    private static final String HOSTED = "com.oracle.svm.hosted.";
    private static final String GRAAL = "jdk.graal.compiler.";

    @Override
    public String getDescription() {
        return "Compiles what does not run after the start for size";
    }

    /**
     * Registers callbacks. GraalVM calls them with its compile queue once all methods are known and before the first is
     * compiled.
     */
    @Override
    @SuppressWarnings({"unchecked", "rawtypes"}) // the type is GraalVM's own
    public void beforeCompilation(BeforeCompilationAccess access) {
        try {
            Class callbacks = Class.forName(HOSTED + "RuntimeCompilationCallbacks");
            InvocationHandler onCall = (proxy, method, arguments) -> {
                if (method.getName().equals("onCompileQueueCreation")) {
                    compileForSize((Collection<?>) call(arguments[1], "getMethods"), arguments[2]);
                }
                return null;
            };
            ImageSingletons.add(callbacks, implementing(callbacks, onCall));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this GraalVM compiles in another way", e);
        }
    }

    private static void compileForSize(Collection<?> methods, Object queue) throws ReflectiveOperationException {
        Class<?> functionType = Class.forName(HOSTED + "code.CompileQueue$CompileFunction");
        Object function = implementing(functionType, forSize(queue));
        Class<?> infoType = Class.forName(HOSTED + "code.CompilationInfo");
        Method set = infoType.getMethod("setCustomCompileFunction", functionType);
        UsedMethods used = new UsedMethods();
        for (Object method : methods) {
            Object info = method.getClass().getField("compilationInfo").get(method);
            if (!used.contains(method) && call(info, "getCustomCompileFunction") == null) {
                set.invoke(info, function);
            }
        }
    }

    /**
     * GraalVM's function that compiles a method, with another {@code DebugContext}, from which it takes the options.
     */
    private static InvocationHandler forSize(Object queue) throws ReflectiveOperationException {
        Method compile = Arrays.stream(
                        Class.forName(HOSTED + "code.CompileQueue").getDeclaredMethods())
                .filter(each -> each.getName().equals("defaultCompileFunction"))
                .findFirst()
                .orElseThrow(NoSuchMethodException::new);
        compile.setAccessible(true);
        return (proxy, method, arguments) -> {
            try (AutoCloseable context = reducingCodeSize(call(arguments[0], "getOptions"))) {
                Object[] changed = arguments.clone();
                changed[0] = context;
                return compile.invoke(queue, changed);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
    }

    private static AutoCloseable reducingCodeSize(Object options) throws ReflectiveOperationException {
        Class<?> optionsType = Class.forName(GRAAL + "options.OptionValues");
        Object option = Class.forName(GRAAL + "core.common.GraalOptions")
                .getField("ReduceCodeSize")
                .get(null);
        Object changed = optionsType
                .getConstructor(optionsType, Class.forName(GRAAL + "options.OptionKey"), Object.class, Object[].class)
                .newInstance(options, option, true, new Object[0]);
        Class<?> builder = Class.forName(GRAAL + "debug.DebugContext$Builder");
        return (AutoCloseable) call(builder.getConstructor(optionsType).newInstance(changed), "build");
    }

    private static Object implementing(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    private static Object call(Object target, String method) throws ReflectiveOperationException {
        return target.getClass().getMethod(method).invoke(target);
    }
}
