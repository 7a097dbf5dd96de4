package io.tokenguardian.proxy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A reader of HTTP/1.1 requests, written only from the grammar (RFC 9112 and 9110), without any part of Netty. It
 * accepts only requests that every reader must accept.
 */
public final class StrictReader {

    /** One request: its header fields by lower-case name, in their order, its body, and the fields after the body. */
    public record Request(String method, String target, List<Field> fields, String body, List<Field> trailers) {
        public List<String> values(String name) {
            return fields.stream()
                    .filter(field -> field.name().equals(name))
                    .map(Field::value)
                    .toList();
        }
    }

    public record Field(String name, String value) {}

    /** Thrown if the bytes are not a sequence of requests, or if the last request is incomplete. */
    static class NoRequestException extends RuntimeException {
        NoRequestException(String message) {
            super(message);
        }
    }

    /** Thrown if the bytes end within a request. More bytes may complete it. */
    static final class IncompleteException extends NoRequestException {
        IncompleteException() {
            super("incomplete");
        }
    }

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE = Pattern.compile("(" + TOKEN + ") ([\\x21-\\x7e]+) HTTP/1\\.[01]");
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN
            + "):[ \t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\x20-\\x7e\\x80-\\xff\t]*[\\x21-\\x7e\\x80-\\xff])?)?)[ \t]*");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?");

    private final String bytes;
    private int at;
    private List<Field> trailers = List.of();

    private StrictReader(byte[] bytes) {
        this.bytes = new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The first request in {@code bytes}, and its number of bytes. */
    public record First(Request request, int length) {}

    public static First first(byte[] bytes) {
        StrictReader reader = new StrictReader(bytes);
        Request head = reader.head();
        String body = reader.body(head);
        Request whole = new Request(head.method(), head.target(), head.fields(), body, reader.trailers);
        return new First(whole, reader.at);
    }

    /** Reads the first request in {@code bytes} without its body. */
    public static Request head(byte[] bytes) {
        return new StrictReader(bytes).head();
    }

    private Request head() {
        while (bytes.startsWith("\r\n", at)) {
            at += 2;
        }
        var line = REQUEST_LINE.matcher(line());
        if (!line.matches()) {
            throw new NoRequestException("no request line: " + line);
        }
        return new Request(line.group(1), line.group(2), fields(), "", List.of());
    }

    private List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            var field = FIELD.matcher(line);
            if (!field.matches()) {
                throw new NoRequestException("no header field: " + line);
            }
            fields.add(new Field(field.group(1).toLowerCase(Locale.ROOT), field.group(2)));
        }
        return fields;
    }

    private String body(Request head) {
        List<String> encodings = head.values("transfer-encoding");
        List<String> lengths = head.values("content-length");
        if (!encodings.isEmpty()) {
            if (encodings.size() > 1 || !encodings.get(0).equalsIgnoreCase("chunked") || !lengths.isEmpty()) {
                throw new NoRequestException("framing: " + encodings + lengths);
            }
            return chunks();
        }
        if (lengths.isEmpty()) {
            return "";
        }
        if (lengths.size() > 1 || !LENGTH.matcher(lengths.get(0)).matches()) {
            throw new NoRequestException("framing: " + lengths);
        }
        return take(Long.parseLong(lengths.get(0)));
    }

    private String chunks() {
        StringBuilder body = new StringBuilder();
        while (true) {
            var chunk = CHUNK.matcher(line());
            if (!chunk.matches()) {
                throw new NoRequestException("no chunk: " + chunk);
            }
            long size = Long.parseLong(chunk.group(1), 16);
            if (size == 0) {
                trailers = fields();
                return body.toString();
            }
            body.append(take(size));
            if (!line().isEmpty()) {
                throw new NoRequestException("a chunk longer than it said");
            }
        }
    }

    private String take(long length) {
        if (length > bytes.length() - at) {
            throw new IncompleteException();
        }
        at += (int) length;
        return bytes.substring(at - (int) length, at);
    }

    private String line() {
        int end = bytes.indexOf("\r\n", at);
        if (end < 0) {
            throw new IncompleteException();
        }
        String line = bytes.substring(at, end);
        if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
            throw new NoRequestException("half a line end");
        }
        at = end + 2;
        return line;
    }
}
