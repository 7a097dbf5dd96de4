package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * A JSON merge patch (RFC 7386). As in a strategic merge patch of a status, lists of conditions are merged by
 * {@code type}. All other lists are replaced.
 */
final class MergePatch {

    private MergePatch() {}

    static void apply(ObjectNode target, ObjectNode patch) {
        for (Map.Entry<String, JsonNode> field : patch.properties()) {
            JsonNode value = field.getValue();
            JsonNode current = target.get(field.getKey());
            if (value.isNull()) {
                target.remove(field.getKey());
            } else if (value instanceof ObjectNode nested) {
                apply(current instanceof ObjectNode object ? object : target.putObject(field.getKey()), nested);
            } else if (field.getKey().equals("conditions")
                    && value instanceof ArrayNode added
                    && current instanceof ArrayNode existing) {
                added.forEach(condition -> mergeCondition(existing, condition));
            } else {
                target.set(field.getKey(), value);
            }
        }
    }

    private static void mergeCondition(ArrayNode existing, JsonNode condition) {
        for (int i = 0; i < existing.size(); i++) {
            if (existing.get(i).path("type").equals(condition.path("type"))) {
                if (existing.get(i) instanceof ObjectNode old && condition instanceof ObjectNode patch) {
                    apply(old, patch);
                }
                return;
            }
        }
        existing.add(condition);
    }
}
