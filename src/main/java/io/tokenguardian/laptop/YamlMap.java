package io.tokenguardian.laptop;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads YAML, and therefore JSON, whose root is a map. Needs no models of the Kubernetes API. */
final class YamlMap {
    /** An extra first line: the parser counts lines from 0, but messages count from 1. */
    private static final String LINE_0 = "#\n";

    /** A byte order mark. Some Windows editors write it at the beginning of a file. */
    private static final String MARK = "\ufeff";

    private YamlMap() {}

    /**
     * Returns the map; null if the text contains no document.
     *
     * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if it is not YAML; the message quotes the text
     * @throws ClassCastException if the root is not a map
     * @throws StackOverflowError if the text is nested too deeply
     */
    static @Nullable Map<?, ?> parse(String text) {
        Map<?, ?> only = null;
        String unmarked = text.startsWith(MARK) ? text.substring(1) : text;
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(LINE_0 + unmarked)) {
            if (only != null && document != null) {
                throw new ClassCastException("two documents");
            }
            only = document == null ? only : (Map<?, ?>) document;
        }
        return only;
    }

    /** Returns a part of a document in the form of JSON, so the keys of maps are strings. */
    static @Nullable Object asJson(@Nullable Object part) {
        if (part instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> texts = new LinkedHashMap<>();
            map.forEach((key, value) -> texts.put(String.valueOf(key), asJson(value)));
            return texts;
        } else if (part instanceof Collection<?> collection) {
            List<@Nullable Object> list = new ArrayList<>();
            collection.forEach(each -> list.add(asJson(each)));
            return list;
        }
        return part;
    }
}
