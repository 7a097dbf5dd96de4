package io.tokenguardian.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.util.NetUtil;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
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

/** Asks the guardian that serves in this pod to end: {@code POST /quit} at its local listener. */
@Singleton
final class QuitRequest {
    /** For the connection and the answer together. A guardian answers within milliseconds. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** The pause between two attempts while nobody listens. */
    private static final Duration GAP = Duration.ofMillis(100);

    /** The listener serves loopback names alone. */
    private static final String REQUEST = """
            POST /quit HTTP/1.1\r
            Host: localhost\r
            Content-Length: 0\r
            Connection: close\r
            \r
            """;

    private static final byte[] OK = "HTTP/1.1 200".getBytes(US_ASCII);

    private final Config config;
    private final LongSupplier nanoTime;

    @Inject
    QuitRequest(Config config) {
        this(config, System::nanoTime);
    }

    QuitRequest(Config config, LongSupplier nanoTime) {
        this.config = config;
        this.nanoTime = nanoTime;
    }

    /**
     * Sends the request once.
     *
     * @throws IOException in one line, if nobody listens or no guardian answers
     * @throws SettingException if the settings do not say where it listens
     */
    void send() throws IOException {
        InetSocketAddress listener = listener();
        String name = NetUtil.toSocketAddressString(listener);
        long end = nanoTime.getAsLong() + TIMEOUT.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(listener, millisUntil(end));
            socket.getOutputStream().write(REQUEST.getBytes(US_ASCII));
            if (!beginsWithOk(socket, end)) {
                throw new IOException("what listens at " + name + " is no guardian: it did not answer POST /quit with"
                        + " 200; quarkus.http.port says where the guardian listens");
            }
        } catch (ConnectException e) {
            throw new NobodyListensException("nobody listens at " + name + " (quarkus.http.host, quarkus.http.port): no"
                    + " guardian serves there");
        } catch (SocketTimeoutException e) {
            throw new IOException(
                    "what listens at " + name + " did not answer within " + TIMEOUT.toSeconds() + " s", e);
        } catch (SocketException e) {
            throw new IOException("what listens at " + name + " broke off: " + e.getMessage(), e);
        }
    }

    /** Reads byte by byte, since a time limit of the socket is for one read. */
    private boolean beginsWithOk(Socket socket, long end) throws IOException {
        for (byte expected : OK) {
            socket.setSoTimeout(millisUntil(end));
            if (socket.getInputStream().read() != expected) {
                return false;
            }
        }
        return true;
    }

    private int millisUntil(long end) throws SocketTimeoutException {
        long left = TimeUnit.NANOSECONDS.toMillis(end - nanoTime.getAsLong());
        if (left <= 0) { // to a socket, 0 means without a limit
            throw new SocketTimeoutException();
        }
        return Math.toIntExact(left);
    }

    /**
     * Sends the request, and as long as nobody listens sends it again: the guardian may be starting just now.
     *
     * @param patience how long
     * @param hurried ends the patience once it is true
     * @throws IOException as {@link #send}
     */
    void send(Duration patience, BooleanSupplier hurried) throws IOException, InterruptedException {
        long start = nanoTime.getAsLong();
        while (true) {
            try {
                send();
                return;
            } catch (NobodyListensException e) {
                if (hurried.getAsBoolean() || nanoTime.getAsLong() - start > patience.toNanos()) {
                    throw e;
                }
                Thread.sleep(GAP.toMillis());
            }
        }
    }

    /** The address to connect to: for a listener on all addresses, the loopback address of the same family. */
    private InetSocketAddress listener() throws IOException {
        InetSocketAddress listener = Settings.localListener(config);
        if (listener.getPort() == 0) {
            throw new SettingException(
                    "quarkus.http.port: \"0\" is wrong here: the port that the guardian has got is not"
                            + " known; allowed is a whole number from 1 to 65535");
        }
        if (!listener.getAddress().isAnyLocalAddress()) {
            return listener;
        }
        boolean six = listener.getAddress() instanceof Inet6Address;
        return new InetSocketAddress(InetAddress.getByName(six ? "::1" : "127.0.0.1"), listener.getPort());
    }

    /** Nobody listens at the address. */
    private static final class NobodyListensException extends IOException {
        private static final long serialVersionUID = 1L;

        NobodyListensException(String message) {
            super(message);
        }
    }
}
