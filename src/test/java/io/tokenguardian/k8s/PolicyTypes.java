package io.tokenguardian.k8s;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.common.values.CelValueProvider;
import io.fabric8.kubernetes.api.model.Pod;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Optional;

/**
 * The types that the API server gives to a policy's mutations: {@code JSONPatch}, and {@code Object} with a type for
 * each path below it ({@code Object.spec.initContainers}). Their fields are the same as in fabric8's {@link Pod}, so
 * that unknown fields are refused. A value of {@code JSONPatch} is a map; any other value is an {@link ObjectValue}.
 */
final class PolicyTypes implements CelTypeProvider, CelValueProvider {
    private static final String OBJECT = "Object";
    private static final String JSON_PATCH = "JSONPatch";

    /** The type that {@code JSONPatch{}} creates. */
    static final StructType PATCH = VariableTypes.struct(
            JSON_PATCH,
            ImmutableMap.of(
                    "op", SimpleType.STRING,
                    "path", SimpleType.STRING,
                    "from", SimpleType.STRING,
                    "value", SimpleType.DYN));

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.of(PATCH);
    }

    @Override
    public Optional<CelType> findType(String name) {
        if (name.equals(JSON_PATCH)) {
            return Optional.of(PATCH);
        }
        return modelOf(name).map(model -> VariableTypes.struct(name, fields(name, model)));
    }

    @Override
    public Optional<Object> newValue(String type, Map<String, Object> fields) {
        return findType(type)
                .map(found -> type.equals(JSON_PATCH) ? Map.copyOf(fields) : new ObjectValue(type, Map.copyOf(fields)));
    }

    /** Returns the model at the end of the path, such as {@code Container} for {@code Object.spec.initContainers}. */
    private static Optional<Class<?>> modelOf(String name) {
        String[] path = name.split("\\.", -1);
        if (!path[0].equals(OBJECT)) {
            return Optional.empty();
        }
        Class<?> model = Pod.class;
        for (int i = 1; i < path.length; i++) {
            Optional<Field> field = property(model, path[i]);
            if (field.isEmpty() || !isModel(element(field.get()))) {
                return Optional.empty();
            }
            model = element(field.get());
        }
        return Optional.of(model);
    }

    private static ImmutableMap<String, CelType> fields(String name, Class<?> model) {
        ImmutableMap.Builder<String, CelType> fields = ImmutableMap.builder();
        for (Field field : model.getDeclaredFields()) {
            if (isProperty(field)) {
                String property = field.getAnnotation(JsonProperty.class).value();
                fields.put(property, type(name + "." + property, field));
            }
        }
        return fields.buildOrThrow();
    }

    private static CelType type(String name, Field field) {
        CelType one = scalar(name, element(field));
        if (Map.class.isAssignableFrom(field.getType())) {
            return MapType.create(SimpleType.STRING, one);
        }
        return Iterable.class.isAssignableFrom(field.getType()) ? ListType.create(one) : one;
    }

    private static CelType scalar(String name, Class<?> type) {
        if (type == String.class || type.getSimpleName().equals("Quantity")) {
            return SimpleType.STRING;
        } else if (type == Integer.class || type == Long.class) {
            return SimpleType.INT;
        } else if (type == Boolean.class) {
            return SimpleType.BOOL;
        }
        return isModel(type) ? StructTypeReference.create(name) : SimpleType.DYN;
    }

    private static boolean isModel(Class<?> type) {
        return type.getPackageName().startsWith(Pod.class.getPackageName())
                && !type.getSimpleName().equals("IntOrString")
                && !type.getSimpleName().equals("Quantity");
    }

    private static Optional<Field> property(Class<?> model, String name) {
        for (Field field : model.getDeclaredFields()) {
            if (isProperty(field)
                    && field.getAnnotation(JsonProperty.class).value().equals(name)) {
                return Optional.of(field);
            }
        }
        return Optional.empty();
    }

    private static boolean isProperty(Field field) {
        return field.isAnnotationPresent(JsonProperty.class) && !field.isAnnotationPresent(JsonIgnore.class);
    }

    /** Returns the element type of a list or a map; for other fields, the type itself. */
    private static Class<?> element(Field field) {
        if (field.getGenericType() instanceof ParameterizedType parameterized) {
            Type[] arguments = parameterized.getActualTypeArguments();
            if (arguments[arguments.length - 1] instanceof Class<?> last) {
                return last;
            }
        }
        return field.getType();
    }
}
