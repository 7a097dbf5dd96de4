package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.node.NullNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * How an API server from 1.34 to 1.36 converts the value of a {@code JSONPatch}. {@code json_patch.go} converts it to
 * JSON by {@code ConvertToNative}, either of {@code ObjectVal} in {@code k8s.io/apiserver/pkg/cel/mutation/dynamic}, or
 * of cel-go's lists and maps. Lists and maps can't contain an object: the server panics. An object can contain lists
 * and maps of scalars and objects, but no deeper nesting and no null. All of this was observed by running the server's
 * code.
 */
final class PatchValue {
    private PatchValue() {}

    /**
     * Converts a value to JSON.
     *
     * @throws AssertionError if the server panics, or refuses the value
     */
    static Object converted(Object value) {
        if (value instanceof ObjectValue object) {
            checkNames(object, object.type());
            return fields(object);
        } else if (value instanceof List<?> list) {
            return elements(list, PatchValue::inAList);
        } else if (value instanceof Map<?, ?> map) {
            return entries(map, PatchValue::inAList);
        }
        return value instanceof NullValue ? NullNode.getInstance() : scalar(value);
    }

    private static Object inAList(Object value) {
        if (value instanceof ObjectValue object) {
            throw new AssertionError("the API server panics: a list or a map can't take " + object.type() + "{}");
        }
        return converted(value);
    }

    private static Map<String, Object> fields(ObjectValue object) {
        return entries(object.fields(), PatchValue::field);
    }

    private static Object field(Object value) {
        if (value instanceof List<?> list) {
            return elements(list, PatchValue::inAField);
        }
        return value instanceof Map<?, ?> map ? entries(map, PatchValue::inAField) : inAField(value);
    }

    private static Object inAField(Object value) {
        return value instanceof ObjectValue object ? fields(object) : scalar(value);
    }

    private static Object scalar(Object value) {
        if (value instanceof String
                || value instanceof Boolean
                || value instanceof Long
                || value instanceof UnsignedLong
                || value instanceof Double) {
            return value;
        }
        throw new AssertionError(
                "the API server makes no JSON of a " + value.getClass().getSimpleName() + " there");
    }

    /** Checks names like {@code CheckTypeNamesMatchFieldPathNames}. Lists and maps have no separate name. */
    private static void checkNames(Object value, String path) {
        if (value instanceof ObjectValue object) {
            if (!object.type().equals(path)) {
                throw new AssertionError("the API server refuses " + object.type() + "{} where " + path + "{} belongs");
            }
            object.fields().forEach((name, field) -> checkNames(field, path + "." + name));
        } else if (value instanceof List<?> list) {
            list.forEach(element -> checkNames(element, path));
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(element -> checkNames(element, path));
        }
    }

    private static List<Object> elements(List<?> list, UnaryOperator<Object> conversion) {
        List<Object> converted = new ArrayList<>();
        list.forEach(element -> converted.add(conversion.apply(element)));
        return converted;
    }

    private static Map<String, Object> entries(Map<?, ?> map, UnaryOperator<Object> conversion) {
        Map<String, Object> converted = new LinkedHashMap<>();
        map.forEach((key, element) -> {
            if (!(key instanceof String name)) {
                throw new AssertionError("the API server makes no JSON of a map whose keys are no strings");
            }
            converted.put(name, conversion.apply(element));
        });
        return converted;
    }
}
