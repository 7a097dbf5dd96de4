package io.tokenguardian.standin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads and writes JSON as the API server does. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * Writes JSON as Go's {@code json.MarshalIndent} does with an indent of two spaces: no space before a colon,
     * {@code {}} for empty objects.
     */
    private static final ObjectWriter INDENTED =
            MAPPER.writer(new DefaultPrettyPrinter(Separators.createDefaultInstance()
                            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                            .withObjectEmptySeparator("")
                            .withArrayEmptySeparator(""))
                    .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")));

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Parses {@code body} as JSON. If it is not a JSON object, throws a 400 that names {@code kind}. */
    static ObjectNode parse(byte[] body, String kind) {
        String cause = "no object";
        try {
            if (MAPPER.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            cause = "no JSON";
        }
        String start = body.length == 0 ? "<empty>" : HexFormat.of().formatHex(body, 0, Math.min(body.length, 100));
        throw StatusException.badRequest("the object provided is unrecognized (must be of type " + kind
                + "): couldn't get version/kind; json parse error: " + cause + " (" + start + ")");
    }

    static byte[] bytes(JsonNode node) {
        try {
            return escaped(MAPPER.writeValueAsString(node)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("can't write JSON", e);
        }
    }

    /** Escapes HTML special characters, as Go does. In JSON, these characters occur only in strings. */
    private static String escaped(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    /** Writes JSON on a single line that ends with a newline, as the API server does for programs. */
    static byte[] line(JsonNode node) {
        byte[] bytes = bytes(node);
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        return line;
    }

    /** The part of a {@code Status} that identifies the object. */
    static ObjectNode details(String group, String kind, @Nullable String name) {
        ObjectNode details = object();
        if (name != null) {
            details.put("name", name);
        }
        if (!group.isEmpty()) {
            details.put("group", group);
        }
        return details.put("kind", kind);
    }

    static byte[] indented(byte[] json) {
        try {
            return indented(MAPPER.readTree(json));
        } catch (IOException e) {
            throw new IllegalStateException("can't read JSON", e);
        }
    }

    static byte[] indented(JsonNode node) {
        try {
            return escaped(INDENTED.writeValueAsString(node)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("can't write JSON", e);
        }
    }
}
