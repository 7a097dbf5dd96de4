package io.tokenguardian.proxy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reader of HTTP/1.1 requests or responses, written only from the grammar (RFC 9112 and 9110), without any part of
 * Netty. It accepts only messages that every reader must accept.
 */
public final class StrictReader {

    /**
     * A request or a response.
     *
     * @param first the method, or the status
     * @param second the target, or the reason
     * @param fields the header fields by lower-case name, in their order
     * @param trailers the fields after the body
     */
    public record Message(String first, String second, List<Field> fields, String body, List<Field> trailers) {

        public String method() {
            return first;
        }

        public String target() {
            return second;
        }

        int status() {
            return Integer.parseInt(first);
        }

        boolean isInformational() {
            return status() < 200;
        }

        public List<String> values(String name) {
            return fields.stream()
                    .filter(field -> field.name().equals(name))
                    .map(Field::value)
                    .toList();
        }

        private Message with(String newBody, List<Field> newTrailers) {
            return new Message(first, second, fields, newBody, newTrailers);
        }
    }

    public record Field(String name, String value) {
        @Override
        public String toString() {
            return name + ": " + value;
        }
    }

    /** Thrown if the bytes are not a message. */
    static class MalformedException extends RuntimeException {
        MalformedException(String message) {
            super(message);
        }
    }

    /** Thrown if the bytes end before or within a message. More bytes may complete it. */
    static final class EndedException extends MalformedException {
        EndedException(String message) {
            super(message);
        }
    }

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE = Pattern.compile("(" + TOKEN + ") ([\\x21-\\x7e]+) HTTP/1\\.[01]");
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.1 ([1-9][0-9]{2}) ([\t\\x20-\\x7e\\x80-\\xff]*)");
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN
            + "):[ \t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\x20-\\x7e\\x80-\\xff\t]*[\\x21-\\x7e\\x80-\\xff])?)?)[ \t]*");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?");

    private final InputStream in;
    private final StringBuilder read = new StringBuilder();

    StrictReader(InputStream in) {
        this.in = in;
    }

    /** The first request in some bytes, and its number of bytes. */
    public record First(Message request, int length) {}

    public static First first(byte[] bytes) {
        StrictReader reader = new StrictReader(new ByteArrayInputStream(bytes));
        return new First(reader.withBody(reader.requestHead()), reader.read.length());
    }

    /** Reads the first request in {@code bytes} without its body. */
    public static Message head(byte[] bytes) {
        return new StrictReader(new ByteArrayInputStream(bytes)).requestHead();
    }

    private Message requestHead() {
        String line = line();
        while (line.isEmpty()) {
            line = line();
        }
        return head(REQUEST_LINE.matcher(line));
    }

    private Message head(Matcher line) {
        if (!line.matches()) {
            throw malformed("no first line");
        }
        return new Message(line.group(1), line.group(2), fields(), "", List.of());
    }

    /** Reads the next response. Its request has this method. */
    Message response(String method) {
        read.setLength(0);
        Message head = head(STATUS_LINE.matcher(line()));
        if (method.equals("HEAD") || head.status() == 304) {
            return head;
        }
        boolean framed = !head.values("content-length").isEmpty()
                || !head.values("transfer-encoding").isEmpty();
        if (head.isInformational() || head.status() == 204) {
            if (framed) {
                throw malformed("the framing of a body that can't be");
            }
            return head;
        }
        if (framed) {
            return withBody(head);
        }
        if (!head.values("connection").contains("close")) {
            throw malformed("a body that ends with the connection, which is not said to end");
        }
        return head.with(rest(), List.of());
    }

    /** Whether the connection has ended without further bytes. */
    boolean isOver() {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            return true; // a reset without unread bytes
        }
    }

    private List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                throw malformed("no header field");
            }
            fields.add(new Field(field.group(1).toLowerCase(Locale.ROOT), field.group(2)));
        }
        return fields;
    }

    private Message withBody(Message head) {
        List<String> encodings = head.values("transfer-encoding");
        List<String> lengths = head.values("content-length");
        if (!encodings.isEmpty()) {
            if (encodings.size() > 1 || !encodings.get(0).equalsIgnoreCase("chunked") || !lengths.isEmpty()) {
                throw malformed("framing");
            }
            String body = chunks();
            return head.with(body, fields());
        }
        if (lengths.isEmpty()) {
            return head;
        }
        if (lengths.size() > 1 || !LENGTH.matcher(lengths.get(0)).matches()) {
            throw malformed("framing");
        }
        return head.with(take(Long.parseLong(lengths.get(0))), List.of());
    }

    /** Reads the body up to its last chunk, but not the trailers. */
    private String chunks() {
        StringBuilder body = new StringBuilder();
        while (true) {
            Matcher chunk = CHUNK.matcher(line());
            if (!chunk.matches()) {
                throw malformed("no chunk");
            }
            long size = Long.parseLong(chunk.group(1), 16);
            if (size == 0) {
                return body.toString();
            }
            body.append(take(size));
            if (!line().isEmpty()) {
                throw malformed("a chunk longer than it said");
            }
        }
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        char next = next();
        for (; next != '\r' && next != '\n'; next = next()) {
            line.append(next);
        }
        if (next == '\n' || next() != '\n') {
            throw malformed("half a line end");
        }
        return line.toString();
    }

    private String take(long length) {
        StringBuilder taken = new StringBuilder();
        for (long i = 0; i < length; i++) {
            taken.append(next());
        }
        return taken.toString();
    }

    private String rest() {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new EndedException(read + " (" + e.getMessage() + ")");
        }
    }

    private char next() {
        int next;
        try {
            next = in.read();
        } catch (IOException e) {
            throw new EndedException(read + " (" + e.getMessage() + ")");
        }
        if (next < 0) {
            throw new EndedException("ended behind: " + read);
        }
        read.append((char) next);
        return (char) next;
    }

    private MalformedException malformed(String what) {
        return new MalformedException(what + ": " + read);
    }
}
