package io.tokenguardian.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.NetUtil;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.Config;

/** Sends requests to the local listener of the guardian that serves in this pod. */
@Singleton
final class LocalListener {
    /** For the connection and the response together. A guardian responds within milliseconds. */
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** The pause between attempts to quit while no program is listening. */
    private static final Duration GAP = Duration.ofMillis(100);

    private static final String OK = "HTTP/1.1 200";

    /** The host is {@code localhost} because the listener accepts only loopback names. */
    private static final String REQUEST = """
            %s HTTP/1.1\r
            Host: localhost\r
            Content-Length: 0\r
            Connection: close\r
            \r
            """;

    private final Config config;
    private final LongSupplier nanoTime;

    @Inject
    LocalListener(Config config) {
        this(config, System::nanoTime);
    }

    LocalListener(Config config, LongSupplier nanoTime) {
        this.config = config;
        this.nanoTime = nanoTime;
    }

    /** Whether the guardian's port follows from the settings. It does not if the operating system chooses the port. */
    boolean hasKnownPort() {
        return Settings.localListener(config).getPort() != 0;
    }

    /**
     * Ends the guardian. Retries for {@code patience}, unless {@code hurried}, while no program listens: the guardian
     * may be starting. Throws as {@link #get}.
     */
    void quit(Duration patience, BooleanSupplier hurried) throws IOException, InterruptedException {
        long start = nanoTime.getAsLong();
        while (true) {
            try {
                exchange("POST /quit", OK.length(), TIMEOUT);
                return;
            } catch (NobodyListensException e) {
                if (hurried.getAsBoolean() || nanoTime.getAsLong() - start > patience.toNanos()) {
                    throw e;
                }
                Thread.sleep(GAP.toMillis());
            }
        }
    }

    /**
     * @param most the maximum number of bytes to read of the response, including headers
     * @param limit at least a millisecond
     * @throws IOException with a one-line message, if no guardian responds within {@code limit}
     * @throws SettingException if the settings do not determine the guardian's port
     */
    String get(String path, int most, Duration limit) throws IOException {
        String response = exchange("GET " + path, most, limit);
        int body = response.indexOf("\r\n\r\n");
        return body < 0 ? "" : response.substring(body + 4);
    }

    private String exchange(String request, int most, Duration limit) throws IOException {
        InetSocketAddress listener = address();
        String name = NetUtil.toSocketAddressString(listener);
        long end = nanoTime.getAsLong() + limit.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(listener, millisUntil(end));
            socket.getOutputStream().write(REQUEST.formatted(request).getBytes(UTF_8));
            String response = read(socket, most, end);
            if (response.startsWith("HTTP/1.1 403")) {
                throw new IOException("the guardian at " + name + " does not allow " + request
                        + "; set guardian.quit.enabled=true for it");
            }
            if (!response.startsWith(OK)) {
                throw new IOException("the program at " + name + " is not a guardian: it did not answer " + request
                        + " with 200; set quarkus.http.port to the guardian's port");
            }
            return response;
        } catch (ConnectException e) {
            throw new NobodyListensException(
                    "no program listens at " + name + " (quarkus.http.host, quarkus.http.port):"
                            + " start serve, or set these to the guardian's address");
        } catch (SocketTimeoutException e) {
            throw new IOException("the program at " + name + " did not answer within " + limit.toSeconds() + " s", e);
        } catch (SocketException e) {
            throw new IOException("the program at " + name + " broke the connection: " + e.getMessage(), e);
        }
    }

    /** Each timeout of a socket applies to a single read. */
    private String read(Socket socket, int most, long end) throws IOException {
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        byte[] part = new byte[8 * 1024];
        while (response.size() < most) {
            socket.setSoTimeout(millisUntil(end));
            int length = socket.getInputStream().read(part, 0, Math.min(part.length, most - response.size()));
            if (length < 0) {
                break;
            }
            response.write(part, 0, length);
        }
        return response.toString(UTF_8);
    }

    private int millisUntil(long end) throws SocketTimeoutException {
        long left = TimeUnit.NANOSECONDS.toMillis(end - nanoTime.getAsLong());
        if (left <= 0) { // a socket treats 0 as no timeout
            throw new SocketTimeoutException();
        }
        return Math.toIntExact(left);
    }

    /** If the listener is on all addresses, this is the loopback address of the same family. */
    private InetSocketAddress address() throws IOException {
        InetSocketAddress listener = Settings.localListener(config);
        if (listener.getPort() == 0) {
            throw new SettingException("quarkus.http.port: \"0\" is wrong here: the port that the system chose for the"
                    + " guardian is not known; allowed is a whole number from 1 to 65535");
        }
        if (!listener.getAddress().isAnyLocalAddress()) {
            return listener;
        }
        boolean six = listener.getAddress() instanceof Inet6Address;
        return new InetSocketAddress(InetAddress.getByName(six ? "::1" : "127.0.0.1"), listener.getPort());
    }

    static final class NobodyListensException extends IOException {
        private static final long serialVersionUID = 1L;

        NobodyListensException(String message) {
            super(message);
        }
    }
}
