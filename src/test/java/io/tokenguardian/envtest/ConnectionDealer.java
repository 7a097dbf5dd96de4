package io.tokenguardian.envtest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * The address of the service: a TCP port that forwards each connection to a random API server, like kube-proxy
 * (docs/api-server.md, TLS and addresses). The failure of a test names the seed.
 */
final class ConnectionDealer implements AfterEachCallback, TestExecutionExceptionHandler, AutoCloseable {
    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile List<ApiServer> apiServers;

    ConnectionDealer(List<ApiServer> apiServers) throws IOException {
        this.apiServers = List.copyOf(apiServers);
        this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    /** Forwards the next connections to these API servers. */
    void dealTo(List<ApiServer> next) {
        apiServers = List.copyOf(next);
    }

    /** Ends the connections that it has forwarded. */
    void breakConnections() throws IOException {
        for (Socket each : open) {
            each.close();
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    URI url() {
        return URI.create("https://127.0.0.1:" + port());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket caller = listener.accept();
                List<ApiServer> now = apiServers;
                int port = now.get(random.nextInt(now.size())).port();
                daemon(() -> deal(caller, port));
            } catch (IOException e) {
                // this dealer is closed
            }
        }
    }

    /** Forwards one connection. It ends at once if the API server is gone. */
    private void deal(Socket caller, int port) {
        open.add(caller);
        try (caller;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            daemon(() -> relay(server, caller));
            relay(caller, server);
        } catch (IOException e) {
            // the API server refused the connection
        } finally {
            open.remove(caller);
        }
    }

    private static void relay(Socket from, Socket to) {
        try (from;
                to) {
            from.setTcpNoDelay(true);
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // one side has ended the connection, so both sides are closed
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "connection-dealer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        failure.addSuppressed(new AssertionError("connections were dealt by -Dseed=" + seed));
        throw failure;
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
