package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;

/** Writes YAML in block style down to a certain depth, and below it in flow style, which includes JSON. */
final class FlowStyle {
    private FlowStyle() {}

    /** Returns {@code document} with the {@code depth} outermost levels in block style. */
    static String from(int depth, JsonNode document) {
        StringBuilder yaml = new StringBuilder();
        write(document, depth, "", yaml);
        return yaml.toString();
    }

    private static void write(JsonNode node, int depth, String indent, StringBuilder yaml) {
        if (depth == 0 || node.isEmpty()) {
            yaml.append(indent).append(node).append('\n');
        } else if (node.isArray()) {
            node.forEach(element -> {
                yaml.append(indent).append("-\n");
                write(element, depth - 1, indent + "  ", yaml);
            });
        } else {
            node.properties().forEach(field -> {
                yaml.append(indent).append(field.getKey()).append(":\n");
                write(field.getValue(), depth - 1, indent + "  ", yaml);
            });
        }
    }
}
