package io.tokenguardian.proxy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A caller that sends bytes, and reads the response only with {@link StrictResponseReader}. */
final class StrictCaller implements AutoCloseable {

    /** How the bytes are written. This determines how many bytes Netty reads at a time. */
    enum Writing {
        AT_ONCE,
        BYTE_BY_BYTE
    }

    /** How long to wait for a silent proxy: longer than any busy machine needs. */
    static final int HANG_MILLIS = 60_000;

    private final Socket socket;
    private final StrictResponseReader reader;

    StrictCaller(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(HANG_MILLIS);
        reader = new StrictResponseReader(socket.getInputStream());
    }

    /** Writes {@code text}, or as much as the proxy takes before it closes the connection. */
    StrictCaller send(String text, Writing writing) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        OutputStream out = socket.getOutputStream();
        try {
            if (writing == Writing.AT_ONCE) {
                out.write(bytes);
            } else {
                for (byte each : bytes) {
                    out.write(each);
                }
            }
        } catch (IOException e) {
            // the connection is closed, but the response can still be read
        }
        return this;
    }

    StrictCaller send(String text) throws IOException {
        return send(text, Writing.AT_ONCE);
    }

    StrictCaller get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    /** Reads the final response to a request of {@code method}. Drops interim responses before it. */
    StrictResponseReader.Response answer(String method) throws IOException {
        StrictResponseReader.Response response = reader.next(method);
        while (response.isInformational()) {
            response = reader.next(method);
        }
        return response;
    }

    StrictResponseReader reader() {
        return reader;
    }

    /** Reads all bytes until the connection ends. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    String read(int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
