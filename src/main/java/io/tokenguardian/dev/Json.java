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

    /** Returns the object in {@code body}; anything else is a 400. */
    static ObjectNode parse(byte[] body) {
        try {
            if (MAPPER.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw StatusException.badRequest("the object provided is unrecognized: no JSON");
        }
        throw StatusException.badRequest("the object provided is unrecognized: no JSON object");
    }

    static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON could be written", e);
        }
    }

    static byte[] indented(JsonNode node) {
        try {
            return INDENTED.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON could be written", e);
        }
    }
}
