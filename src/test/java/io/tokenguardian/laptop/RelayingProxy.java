package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy for HTTP CONNECT and SOCKS 5 on one port. It connects to the same local port, whichever host is requested.
 */
public final class RelayingProxy implements AutoCloseable {
    private static final int SOCKS5 = 5;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int destination;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    public RelayingProxy(int destination) throws IOException {
        this.destination = destination;
        daemon(() -> {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                daemon(() -> serve(client));
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // one of the two sides, or the test, has ended
                    }
                },
                "relaying-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** The proxy's address, as {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** The requests so far: CONNECT's headers, or {@code socks5 HOST:PORT}. */
    public List<String> requests() {
        return requests;
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        int first = in.read();
        if (first == SOCKS5) {
            in.readNBytes(in.read());
            out.write(new byte[] {SOCKS5, 0});
            in.readNBytes(4); // version, command, reserved, and 3 for a name
            String host = new String(in.readNBytes(in.read()), ISO_8859_1);
            requests.add("socks5 " + host + ":" + in.readUnsignedShort());
            out.write(new byte[] {SOCKS5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        } else {
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.write(first);
            while (!request.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
                request.write(in.readByte());
            }
            requests.add(request.toString(ISO_8859_1));
            out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ISO_8859_1));
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), destination);
        sockets.add(server);
        daemon(() -> copy(server.getInputStream(), client));
        copy(in, server);
    }

    private static void copy(InputStream from, Socket to) throws IOException {
        try (to) {
            from.transferTo(to.getOutputStream());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
