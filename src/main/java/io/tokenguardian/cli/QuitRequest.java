package io.tokenguardian.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.util.NetUtil;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
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
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.Config;

/** Asks the guardian that serves in this pod to end: {@code POST /quit} at its local listener. */
@Singleton
final class QuitRequest {
    /** For the connection, and for each read of the answer. A guardian answers within milliseconds. */
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

    private static final String OK = "HTTP/1.1 200";

    private final Config config;

    QuitRequest(Config config) {
        this.config = config;
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
        try (Socket socket = new Socket()) {
            socket.connect(listener, Math.toIntExact(TIMEOUT.toMillis()));
            socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
            socket.getOutputStream().write(REQUEST.getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(OK.length()), US_ASCII);
            if (!answer.equals(OK)) {
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

    /**
     * Sends the request, and as long as nobody listens sends it again: the guardian may be starting just now.
     *
     * @param patience how long
     * @param hurried ends the patience once it is true
     * @throws IOException as {@link #send}
     */
    void send(Duration patience, BooleanSupplier hurried) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                send();
                return;
            } catch (NobodyListensException e) {
                if (hurried.getAsBoolean() || System.nanoTime() - start > patience.toNanos()) {
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
