package io.tokenguardian.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Handles the signals that this process receives, with {@code sun.misc.Signal}. It is called by reflection, because the
 * compiler's warning about it can't be suppressed. {@code META-INF/native-image} registers it.
 */
public final class Signals {
    private Signals() {}

    /** Runs {@code action} for each signal that kubelet, a person or a closed terminal sends to end this process. */
    public static void onEnd(Runnable action) {
        List.of("TERM", "INT", "HUP").forEach(name -> handle(name, action));
    }

    /**
     * Runs {@code action}, on a thread of the runtime, for this signal. Returns false if the runtime reserves the
     * signal.
     *
     * @param name the signal's name without {@code SIG}
     */
    public static boolean handle(String name, Runnable action) {
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
