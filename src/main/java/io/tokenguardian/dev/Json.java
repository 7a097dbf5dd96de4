package io.tokenguardian.dev;

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

/** JSON as the API server reads and writes it. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Go's {@code json.MarshalIndent} with two spaces: no space before the colon, {@code {}} for empty objects. */
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

    /** Returns the object in {@code body}, which is of that kind; anything else is a 400. */
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
            throw new IllegalStateException("no JSON could be written", e);
        }
    }

    /** As Go writes it, so that it can be put into HTML. These characters occur only in texts. */
    private static String escaped(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    /** In one line, which has an end, as the API server writes it for programs. */
    static byte[] line(JsonNode node) {
        byte[] bytes = bytes(node);
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        return line;
    }

    /** The part of a {@code Status} about the object that it is for. */
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
            throw new IllegalStateException("no JSON", e);
        }
    }

    static byte[] indented(JsonNode node) {
        try {
            return escaped(INDENTED.writeValueAsString(node)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON could be written", e);
        }
    }
}
