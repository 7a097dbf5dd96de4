package io.tokenguardian.dev;

import io.tokenguardian.HangDetector;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** HTTP/2 by hand, as far as it takes to see the frames of one answer. */
final class Http2Connection implements AutoCloseable {

    private static final String[] TYPES = {
        "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE"
    };

    private final SSLSocket socket;

    private Http2Connection(SSLSocket socket) {
        this.socket = socket;
    }

    static Http2Connection open(StandInApiServer server, int replica) throws IOException {
        SSLSocket socket = (SSLSocket) Caller.trusting(server.caPem())
                .getSocketFactory()
                .createSocket("127.0.0.1", server.replica(replica).port());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(HangDetector.millis());
        socket.startHandshake();
        Http2Connection connection = new Http2Connection(socket);
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        connection.frame(4, 0, 0, new byte[0]);
        return connection;
    }

    /** Asks on stream 1, with literal headers that are not indexed. */
    void get(String path, String token) throws IOException {
        get(1, path, token);
    }

    void get(int stream, String path, String token) throws IOException {
        ask(stream, "GET", path, token, 0x5);
    }

    /** The head alone of a request whose body is to come. */
    void beginPost(int stream, String path, String token) throws IOException {
        ask(stream, "POST", path, token, 0x4);
    }

    /** The body of such a request, and its end. */
    void endPost(int stream, String body) throws IOException {
        frame(0, 0x1, stream, body.getBytes(StandardCharsets.US_ASCII));
    }

    private void ask(int stream, String method, String path, String token, int flags) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", method);
        literal(block, ":scheme", "https");
        literal(block, ":path", path);
        literal(block, ":authority", "kubernetes");
        literal(block, "authorization", "Bearer " + token);
        frame(1, flags, stream, block.toByteArray());
    }

    /** The frames on streams and GOAWAY as text, until the connection ends with {@code END}. */
    List<String> readToEnd() throws IOException {
        return readTo("END");
    }

    /** These frames up to the first that starts with {@code last}. */
    List<String> readTo(String last) throws IOException {
        List<String> frames = new ArrayList<>();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        try {
            while (frames.isEmpty() || !frames.get(frames.size() - 1).startsWith(last)) {
                int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(length);
                if (type == 7) {
                    frames.add("GOAWAY " + (payload[7] == 0 ? "NO_ERROR" : "ERROR") + " last " + payload[3]);
                } else if (stream != 0) {
                    frames.add(TYPES[type] + " " + stream + (type <= 1 && (flags & 1) == 1 ? " END_STREAM" : ""));
                }
            }
        } catch (EOFException e) {
            frames.add("END");
        }
        return frames;
    }

    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        string(block, name);
        string(block, value);
    }

    /** RFC 7541, 5.1 and 5.2: a length with a prefix of seven bits, no Huffman code. */
    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int rest = bytes.length;
        if (rest < 127) {
            block.write(rest);
        } else {
            block.write(127);
            rest -= 127;
            while (rest >= 128) {
                block.write(rest % 128 + 128);
                rest /= 128;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(payload.length >> 16);
        frame.write(payload.length >> 8);
        frame.write(payload.length);
        frame.write(type);
        frame.write(flags);
        frame.writeBytes(new byte[] {0, 0, 0, (byte) stream});
        frame.writeBytes(payload);
        socket.getOutputStream().write(frame.toByteArray());
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
