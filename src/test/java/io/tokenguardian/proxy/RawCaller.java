package io.tokenguardian.proxy;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** A caller that sends and receives bytes. */
final class RawCaller implements AutoCloseable {

    /**
     * The output of a connection. It is not a stream of the channel, which could not be written to while it is being
     * read.
     */
    private interface Output {
        void write(byte[] bytes) throws IOException;
    }

    private interface OutputEnd {
        void end() throws IOException;
    }

    private final Closeable connection;
    private final InputStream in;
    private final Output out;
    private final OutputEnd outputEnd;

    RawCaller(SocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        connection = channel;
        in = Channels.newInputStream(channel);
        out = bytes -> {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        };
        outputEnd = channel::shutdownOutput;
    }

    /** Makes a caller over TLS, whose {@link #endOutput()} sends close_notify. */
    RawCaller(SSLSocket socket) throws IOException {
        connection = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream()::write;
        outputEnd = socket::shutdownOutput;
    }

    RawCaller send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
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

    RawCaller endOutput() throws IOException {
        outputEnd.end();
        return this;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
