package io.tokenguardian.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reader of HTTP/1.1 responses, written only from the grammar (RFC 9112 and 9110), without any part of Netty. It
 * accepts only responses that every reader must accept.
 */
final class StrictResponseReader {

    /** One response, interim or final: its header fields by lower-case name, and the fields after its body. */
    record Response(
            int status,
            String reason,
            List<StrictReader.Field> fields,
            String body,
            List<StrictReader.Field> trailers) {

        List<String> values(String name) {
            return fields.stream()
                    .filter(field -> field.name().equals(name))
                    .map(StrictReader.Field::value)
                    .toList();
        }

        boolean isInformational() {
            return status < 200;
        }
    }

    /** Thrown if the bytes are not a response. */
    static final class NoResponseException extends RuntimeException {
        NoResponseException(String message) {
            super(message);
        }
    }

    /** Thrown if the connection has ended before or within a response. */
    static final class EndedException extends RuntimeException {
        EndedException(String soFar) {
            super("the connection has ended behind: " + soFar);
        }
    }

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.1 ([1-9][0-9]{2}) ([\t\\x20-\\x7e\\x80-\\xff]*)");
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN
            + "):[ \t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\x20-\\x7e\\x80-\\xff\t]*[\\x21-\\x7e\\x80-\\xff])?)?)[ \t]*");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CHUNK = Pattern.compile("[0-9A-Fa-f]{1,15}");
    private static final Pattern CODINGS =
            Pattern.compile("(?:" + TOKEN + ",[ \t]*)*chunked", Pattern.CASE_INSENSITIVE);

    private final InputStream in;
    private final StringBuilder read = new StringBuilder();

    /**
     * Makes a reader of one connection.
     *
     * @param in a stream whose reads throw {@link SocketTimeoutException} after a limit
     */
    StrictResponseReader(InputStream in) {
        this.in = in;
    }

    /**
     * Reads the next response.
     *
     * @param method the method of its request
     * @throws NoResponseException if the bytes are not a response
     * @throws EndedException if the connection ends before the response does
     */
    Response next(String method) throws IOException {
        read.setLength(0);
        Matcher line = STATUS_LINE.matcher(line());
        if (!line.matches()) {
            throw new NoResponseException("no status line: " + read);
        }
        int status = Integer.parseInt(line.group(1));
        Response head = new Response(status, line.group(2), fields(), "", List.of());
        if (method.equals("HEAD") || status == 304) {
            return head;
        }
        if (head.isInformational() || status == 204) {
            if (!head.values("content-length").isEmpty()
                    || !head.values("transfer-encoding").isEmpty()) {
                throw new NoResponseException("the framing of a body that can't be: " + read);
            }
            return head;
        }
        return withBody(head);
    }

    private Response withBody(Response head) throws IOException {
        List<String> codings = head.values("transfer-encoding");
        List<String> lengths = head.values("content-length");
        if (!codings.isEmpty()) {
            if (codings.size() > 1 || !CODINGS.matcher(codings.get(0)).matches() || !lengths.isEmpty()) {
                throw new NoResponseException("framing: " + read);
            }
            String body = chunks();
            return new Response(head.status(), head.reason(), head.fields(), body, fields());
        }
        if (!lengths.isEmpty()) {
            if (lengths.size() > 1 || !LENGTH.matcher(lengths.get(0)).matches()) {
                throw new NoResponseException("framing: " + read);
            }
            return new Response(
                    head.status(), head.reason(), head.fields(), take(Long.parseLong(lengths.get(0))), List.of());
        }
        if (!head.values("connection").contains("close")) {
            throw new NoResponseException("a body that ends with the connection, which is not said to end: " + read);
        }
        return new Response(head.status(), head.reason(), head.fields(), rest(), List.of());
    }

    /** Whether the connection has ended without further bytes. */
    boolean isOver() throws IOException {
        read.setLength(0);
        try {
            return read() < 0;
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return true; // a reset without unread bytes
        }
    }

    private List<StrictReader.Field> fields() throws IOException {
        List<StrictReader.Field> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                throw new NoResponseException("no field: " + read);
            }
            fields.add(new StrictReader.Field(field.group(1).toLowerCase(Locale.ROOT), field.group(2)));
        }
        return fields;
    }

    /** Reads the body up to its last chunk, but not the trailers. */
    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            String size = line();
            if (!CHUNK.matcher(size).matches()) {
                throw new NoResponseException("no chunk: " + read);
            }
            if (Long.parseLong(size, 16) == 0) {
                return body.toString();
            }
            body.append(take(Long.parseLong(size, 16)));
            if (!line().isEmpty()) {
                throw new NoResponseException("a chunk longer than it said: " + read);
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            char next = required();
            if (next == '\n') {
                throw new NoResponseException("LF without CR: " + read);
            }
            if (next != '\r') {
                line.append(next);
            } else if (required() == '\n') {
                return line.toString();
            } else {
                throw new NoResponseException("CR without LF: " + read);
            }
        }
    }

    private String take(long length) throws IOException {
        StringBuilder taken = new StringBuilder();
        for (long i = 0; i < length; i++) {
            taken.append(required());
        }
        return taken.toString();
    }

    private String rest() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            for (int next = read(); next >= 0; next = read()) {
                bytes.write(next);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw new EndedException(read + " (" + e.getMessage() + ")");
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private char required() throws IOException {
        int next;
        try {
            next = read();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw new EndedException(read + " (" + e.getMessage() + ")");
        }
        if (next < 0) {
            throw new EndedException(read.toString());
        }
        return (char) next;
    }

    private int read() throws IOException {
        try {
            int next = in.read();
            if (next >= 0) {
                read.append((char) next);
            }
            return next;
        } catch (SocketTimeoutException e) {
            throw new SocketTimeoutException("nothing more came behind: " + read);
        }
    }
}
