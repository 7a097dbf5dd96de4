package io.tokenguardian.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * The signals that this process gets. {@code sun.misc.Signal} is all that Java has for them; it is reached by its name,
 * since the compiler's warning of it can't be excepted. The native executable knows of that by
 * {@code META-INF/native-image}.
 */
final class Signals {
    private Signals() {}

    /**
     * Has {@code action} run, on a thread of the runtime, for each of these signals, in place of what else they would do.
     *
     * @param name without {@code SIG}
     * @return false if the runtime keeps this signal for itself
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                            return null;
                        }
                        return ofObject(self, method.getName(), arguments);
                    });
            Object named = signal.getConstructor(String.class).newInstance(name);
            signal.getMethod("handle", signal, handler).invoke(null, named, proxy);
            return true;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                return false;
            }
            throw new IllegalStateException("SIG" + name + " can't be handled", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime has no sun.misc.Signal", e);
        }
    }

    private static Object ofObject(Object self, String method, Object @Nullable [] arguments) {
        return switch (method) {
            case "equals" -> arguments != null && self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> "a signal's handler";
        };
    }
}
