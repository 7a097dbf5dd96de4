package io.tokenguardian.proxy;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** A caller that sends and receives bytes. */
final class RawCaller implements AutoCloseable {

    private interface OutputEnd {
        void end() throws IOException;
    }

    private final Closeable connection;
    private final InputStream in;

    /** Not a stream of the channel, which could not be written to while it is being read. */
    private final Writing.Output out;

    private final OutputEnd outputEnd;
    private final StrictReader reader;

    RawCaller(SocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        if (address instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        connection = channel;
        in = Channels.newInputStream(channel);
        out = bytes -> {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        };
        outputEnd = channel::shutdownOutput;
        reader = new StrictReader(in);
    }

    /** Makes a caller over TLS, whose {@link #endOutput()} sends close_notify. */
    RawCaller(SSLSocket socket) throws IOException {
        connection = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream()::write;
        outputEnd = socket::shutdownOutput;
        reader = new StrictReader(in);
    }

    RawCaller send(String text) throws IOException {
        Writing.AT_ONCE.write(text, out);
        return this;
    }

    /** Writes {@code text}, or as much as the proxy takes before it closes the connection. */
    void send(String text, Writing writing) {
        try {
            writing.write(text, out);
        } catch (IOException e) {
            // the connection is closed, but the response can still be read
        }
    }

    /** Sends a GET of {@code path} with {@code headers}, each with its line end. */
    RawCaller get(String path, String headers) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    }

    /** Reads up to and including {@code end}, or less if the connection ends earlier. */
    String readTo(String end) throws IOException {
        char last = end.charAt(end.length() - 1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            bytes.write(next);
            if (next == last && bytes.toString(StandardCharsets.ISO_8859_1).endsWith(end)) {
                break;
            }
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    String readHead() throws IOException {
        return readTo("\r\n\r\n");
    }

    /** Reads a whole response: headers and body. A length or chunks mark its end. */
    String readAnswer() throws IOException {
        String head = readHead();
        for (String line : head.split("\r\n", -1)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                return head + read(Integer.parseInt(line.substring(15).strip()));
            }
            if (line.equalsIgnoreCase("transfer-encoding: chunked")) {
                return head + readTo("0\r\n\r\n");
            }
        }
        return head;
    }

    String read(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    /** Reads all bytes until the connection ends. */
    String readAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Reads the final response to a request of {@code method}. Drops interim responses before it. */
    StrictReader.Message response(String method) {
        StrictReader.Message response = reader.response(method);
        while (response.isInformational()) {
            response = reader.response(method);
        }
        return response;
    }

    /** Returns the status of a response that looks complete; 0 for an incomplete one. */
    int statusIfWhole(String method) {
        try {
            return response(method).status();
        } catch (StrictReader.EndedException e) {
            return 0;
        }
    }

    /** Sends a GET of {@code target}, and reads its response. */
    StrictReader.Message getStrictly(String target) throws IOException {
        return get(target, "").response("GET");
    }

    StrictReader reader() {
        return reader;
    }

    RawCaller endOutput() throws IOException {
        outputEnd.end();
        return this;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
