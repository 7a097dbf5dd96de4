package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.TargetClass;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tests whether a class has the members that its substitution names. If it lacks some, as in another version of GraalVM
 * or of a library, the build omits the substitution and prints one line.
 */
final class TargetExists implements Predicate<String> {
    static final List<Class<?>> SUBSTITUTIONS = List.of(
            ClientSubstitutions.class,
            ClientSubstitutions.WithoutMixedLists.class,
            CollectionSubstitutions.class,
            CollectionSubstitutions.InitialHeap.class,
            ExtensionSubstitutions.class,
            ClientSubstitutions.WithoutUrlConnections.class,
            TlsSubstitutions.class,
            TlsSubstitutions.JdkClient.class,
            TlsSubstitutions.Resumption.class);

    @Override
    public boolean test(String target) {
        try {
            Class<?> original = Class.forName(target, false, TargetExists.class.getClassLoader());
            for (Class<?> substitution : SUBSTITUTIONS) {
                TargetClass named = substitution.getAnnotation(TargetClass.class);
                if (named.className().equals(target) || named.value() == original) {
                    requireMembers(original, substitution);
                }
            }
            return true;
        } catch (ReflectiveOperationException | LinkageError e) {
            CodeOrder.print(target + " is not as expected and is not changed (" + e + ")");
            return false;
        }
    }

    @SuppressWarnings("ReturnValueIgnored") // an exception is the result
    static void requireMembers(Class<?> original, Class<?> substitution) throws ReflectiveOperationException {
        for (Method method : substitution.getDeclaredMethods()) {
            original.getDeclaredMethod(method.getName(), method.getParameterTypes());
        }
        for (Field field : substitution.getDeclaredFields()) {
            original.getDeclaredField(field.getName());
        }
        for (Constructor<?> constructor : substitution.getDeclaredConstructors()) {
            if (constructor.isAnnotationPresent(Alias.class)) {
                Class<?>[] parameters = constructor.getParameterTypes();
                for (int i = 0; i < parameters.length; i++) {
                    TargetClass named = parameters[i].getAnnotation(TargetClass.class);
                    if (named != null) {
                        parameters[i] = Class.forName(named.className(), false, original.getClassLoader());
                    }
                }
                original.getDeclaredConstructor(parameters);
            }
        }
    }
}
