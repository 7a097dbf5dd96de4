package io.tokenguardian.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.Map;

public final class JsonObjects {
    private JsonObjects() {}

    /**
     * Stricter than nimbus's own parser, which returns null for {@code null} and converts an array of pairs to an
     * object.
     *
     * @throws ParseException if it is not a JSON object; the message may quote the text
     */
    public static Map<String, Object> parse(String text) throws ParseException {
        Map<String, Object> object = text.stripLeading().startsWith("{") ? JSONObjectUtils.parse(text) : null;
        if (object == null) {
            throw new ParseException("not a JSON object", 0);
        }
        return object;
    }
}
