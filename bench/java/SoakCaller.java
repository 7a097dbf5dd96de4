package io.tokenguardian.proxy;

import io.tokenguardian.proxy.SoakFaults.Outcome;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One caller of a soak. It sends requests in turn over one connection, as long as the connection lasts. */
final class SoakCaller implements AutoCloseable {

    /** The kinds of requests. */
    enum Call {
        SMALL("GET", "/version", ""),
        LIST("GET", "/api/v1/namespaces/big/configmaps", ""),
        POST("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review("x")),
        CHUNKS("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review("y"));

        private final String method;
        private final String path;
        private final String body;

        Call(String method, String path, String body) {
            this.method = method;
            this.path = path;
            this.body = body;
        }

        static Call of(int n) {
            return n % 10 < 6 ? SMALL : n % 10 < 8 ? LIST : n % 10 == 8 ? POST : CHUNKS;
        }

        /** Returns a review of 5 KB. Its response repeats it, and is the same each time. */
        private static String review(String letter) {
            return "{\"spec\":{\"resourceAttributes\":{\"resource\":\"" + letter.repeat(5000) + "\"}}}";
        }

        boolean isSafe() {
            return method.equals("GET");
        }

        private byte[] bytes(int n) {
            String framing = body.isEmpty()
                    ? "\r\n"
                    : this == CHUNKS
                            ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body
                                    + "\r\n0\r\n\r\n"
                            : "Content-Length: " + body.length() + "\r\n\r\n" + body;
            return (method + " " + SoakFaults.numbered(path, n) + " HTTP/1.1\r\nHost: localhost\r\n" + framing)
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    private static final int ABANDONED_ONE_IN = 500;
    private static final int TIMEOUT_MILLIS = 30_000;

    @SuppressWarnings("ArrayRecordComponent") // This array is not compared and not changed.
    private record Answer(int status, byte[] body) {}

    private final int port;
    private final Map<Call, byte[]> right;
    private final SplittableRandom random;
    private @Nullable Socket socket;
    private @Nullable InputStream in;
    private boolean goesOn;

    /** Makes a caller. {@code right} contains the body of the right response to each {@link Call}. */
    SoakCaller(int port, Map<Call, byte[]> right, long seed) {
        this.port = port;
        this.right = right;
        this.random = new SplittableRandom(seed);
    }

    Outcome call(int n) throws IOException {
        Call call = Call.of(n);
        InputStream from = connected();
        send(call.bytes(n));
        if (random.nextInt(ABANDONED_ONE_IN) == 0) {
            close();
            return Outcome.ABANDONED;
        }
        try {
            Answer answer = read(from);
            if (!goesOn) {
                close();
            }
            return outcome(call, answer);
        } catch (EOFException e) {
            close();
            return Outcome.CUT;
        }
    }

    private Outcome outcome(Call call, Answer answer) {
        return switch (answer.status()) {
            case 200, 201 -> Arrays.equals(answer.body(), right.get(call)) ? Outcome.RIGHT : Outcome.WRONG;
            case 429 -> Outcome.TOO_MANY_REQUESTS;
            case 502 -> Outcome.BROKE;
            default -> Outcome.WRONG;
        };
    }

    /** Returns the body of the right response to {@code call}. */
    static byte[] rightAnswer(int port, Call call) throws IOException {
        try (SoakCaller caller = new SoakCaller(port, Map.of(), 0)) {
            InputStream from = caller.connected();
            caller.send(call.bytes(-1));
            Answer answer = read(from, caller);
            if (answer.status() > 299) {
                throw new IOException(call + " is answered with " + answer.status());
            }
            return answer.body();
        }
    }

    private InputStream connected() throws IOException {
        InputStream open = in;
        if (open != null) {
            return open;
        }
        Socket next = new Socket(InetAddress.getLoopbackAddress(), port);
        next.setSoTimeout(TIMEOUT_MILLIS);
        next.setTcpNoDelay(true);
        socket = next;
        InputStream stream = new BufferedInputStream(next.getInputStream(), 16 << 10);
        in = stream;
        return stream;
    }

    private void send(byte[] bytes) throws IOException {
        Socket to = socket;
        if (to != null) {
            to.getOutputStream().write(bytes);
        }
    }

    private Answer read(InputStream from) throws IOException {
        return read(from, this);
    }

    private static Answer read(InputStream from, SoakCaller caller) throws IOException {
        String status = line(from);
        caller.goesOn = true;
        int length = 0;
        boolean chunked = false;
        for (String line = line(from); !line.isEmpty(); line = line(from)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = true;
            } else if (lower.startsWith("connection:")) {
                caller.goesOn = !lower.contains("close");
            }
        }
        return new Answer(Integer.parseInt(status, 9, 12, 10), chunked ? chunks(from) : bytes(from, length));
    }

    private static byte[] chunks(InputStream from) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(from), 16); size > 0; size = Integer.parseInt(line(from), 16)) {
            body.write(bytes(from, size));
            line(from);
        }
        line(from);
        return body.toByteArray();
    }

    private static byte[] bytes(InputStream from, int length) throws IOException {
        byte[] bytes = from.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    private static String line(InputStream from) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = from.read(); next != '\n'; next = from.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            line.append((char) next);
        }
        line.setLength(Math.max(0, line.length() - 1));
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
        socket = null;
        in = null;
    }
}
