package io.tokenguardian.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A caller that says bytes and hears bytes. */
final class RawCaller implements AutoCloseable {

    private final SocketChannel channel;
    private final InputStream in;

    RawCaller(SocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        in = Channels.newInputStream(channel);
    }

    RawCaller send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return this;
    }

    /** A GET of {@code path} with {@code headers}, each with its line end. */
    RawCaller get(String path, String headers) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    }

    /** Up to and including {@code end}; less if the connection ends before. */
    String readTo(String end) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String text = "";
        while (!text.endsWith(end)) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            bytes.write(next);
            text = bytes.toString(StandardCharsets.ISO_8859_1);
        }
        return text;
    }

    String readHead() throws IOException {
        return readTo("\r\n\r\n");
    }

    /** A whole answer, head and body, whose end is marked by a length or by chunks. */
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

    /** Everything until the connection's end. */
    String readAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    RawCaller endOutput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
