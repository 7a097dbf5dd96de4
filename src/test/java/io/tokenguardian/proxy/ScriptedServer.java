package io.tokenguardian.proxy;

import static org.awaitility.Awaitility.await;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A TLS server that sends the bytes of its script on each connection, and records the bytes that it receives. */
public final class ScriptedServer implements AutoCloseable {

    /** A header that kube-apiserver adds to its responses after authentication. */
    public static final String MARK = "\r\nX-Kubernetes-Pf-Flowschema-Uid: 1f0a";

    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)\r\n");

    /** The script of one connection. */
    @FunctionalInterface
    public interface Script {
        void run(Connection connection) throws IOException;
    }

    /** One connection, from the script's point of view. */
    public final class Connection {
        private final int number;
        private final Socket raw;
        private final SSLSocket socket;

        private Connection(int number, Socket raw, SSLSocket socket) {
            this.number = number;
            this.raw = raw;
            this.socket = socket;
        }

        /** Returns the number of this connection, counted from 0. */
        int number() {
            return number;
        }

        InputStream in() throws IOException {
            return socket.getInputStream();
        }

        OutputStream out() throws IOException {
            return socket.getOutputStream();
        }

        /**
         * Reads the headers of the next request that is not a proof. Returns an empty string at the end of the
         * connection. Proofs are accepted, and their responses marked.
         */
        public String readHead() throws IOException {
            String head = readAnyHead();
            while (isProof(head)) {
                answer("200 OK" + MARK, "{}");
                head = readAnyHead();
            }
            return head;
        }

        /** Reads the headers of the next request, which may be a proof. */
        String readAnyHead() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            String head = "";
            while (!head.endsWith("\r\n\r\n")) {
                int next = in().read();
                if (next < 0) {
                    return "";
                }
                bytes.write(next);
                if (next == '\n') {
                    head = bytes.toString(StandardCharsets.ISO_8859_1);
                }
            }
            (isProof(head) ? proofs : requests).add(head);
            if (isProof(head)) {
                read(bodyLength(head));
            }
            return head;
        }

        /** Reads the body after {@code head}, unless {@link #readAnyHead} has read it with a proof. */
        public String readBody(String head) throws IOException {
            return read(isProof(head) ? 0 : bodyLength(head));
        }

        /** Reads this many bytes of a body. */
        String read(int length) throws IOException {
            return new String(in().readNBytes(length), StandardCharsets.ISO_8859_1);
        }

        void write(String text) throws IOException {
            out().write(text.getBytes(StandardCharsets.ISO_8859_1));
            out().flush();
        }

        void limitSendBuffer(int bytes) throws IOException {
            raw.setSendBufferSize(bytes);
        }

        /** Waits until the test calls {@link ScriptedServer#release()}. */
        public void awaitRelease() throws IOException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        /** Writes a whole response with a length. */
        public void answer(String statusAndHeaders, String body) throws IOException {
            write("HTTP/1.1 " + statusAndHeaders + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }

        /** Closes the TCP connection without TLS's close_notify. */
        void closeWithoutNotify() throws IOException {
            raw.shutdownOutput();
            raw.getInputStream().transferTo(OutputStream.nullOutputStream());
        }

        /** Sends RST. */
        void reset() throws IOException {
            raw.setSoLinger(true, 0);
            raw.close();
        }

        void close() throws IOException {
            socket.close();
        }
    }

    /** The name of the service {@code backend} in the namespace of the cluster tests. */
    private static final String SERVICE = "backend.token-guardian-tests.svc";

    private static final TestAuthority AUTHORITY = new TestAuthority("scripted-server");
    private static final SSLContext CONTEXT =
            AUTHORITY.issue("localhost", SERVICE).context();

    private final ServerSocket listener;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> proofs = new CopyOnWriteArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    public ScriptedServer(Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), script);
    }

    public ScriptedServer(InetAddress host, Script script) throws IOException {
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(host, 0));
        Thread acceptor = new Thread(() -> accept(script), "scripted-server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** Returns a script with this response to each request. */
    static Script always(String statusAndHeaders, String body) {
        return connection -> {
            while (!connection.readHead().isEmpty()) {
                connection.answer(statusAndHeaders, body);
            }
        };
    }

    /** Makes a server that gives this response to each request. */
    static ScriptedServer answering(String statusAndHeaders, String body) throws IOException {
        return new ScriptedServer(always(statusAndHeaders, body));
    }

    private void accept(Script script) {
        try {
            while (!listener.isClosed()) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                int number = connections.getAndIncrement();
                Thread thread = new Thread(() -> serve(script, number, socket), "scripted-connection-" + number);
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // this server is closed
        }
    }

    private void serve(Script script, int number, Socket raw) {
        try {
            SSLSocket socket = (SSLSocket) CONTEXT.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
            socket.setUseClientMode(false);
            socket.startHandshake();
            script.run(new Connection(number, raw, socket));
            socket.close();
        } catch (IOException e) {
            // the proxy or the script has closed the connection
        }
    }

    public ApiServerAddress address() {
        return new ApiServerAddress("127.0.0.1", listener.getLocalPort(), "localhost");
    }

    public CertificateAuthority authority() {
        return new CertificateAuthority(certificateFile());
    }

    public Path certificateFile() {
        return AUTHORITY.file();
    }

    public static boolean isProof(String head) {
        return head.toLowerCase(Locale.ROOT).contains("\r\nuser-agent: token-guardian\r\n");
    }

    public static int bodyLength(String head) {
        Matcher length = LENGTH.matcher(head);
        return length.find() ? Integer.parseInt(length.group(1)) : 0;
    }

    /** Returns the headers of the proofs, in the order of arrival. */
    List<String> proofs() {
        return List.copyOf(proofs);
    }

    /** Returns the headers of the requests except proofs, in the order of arrival. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Waits until a request has arrived, and no further request arrives between two looks. */
    void awaitStandstill() {
        AtomicInteger last = new AtomicInteger();
        await().until(() -> {
            int now = requests.size();
            return now > 0 && last.getAndSet(now) == now;
        });
    }

    /** Resumes all scripts that wait for this call. */
    void release() {
        gate.countDown();
    }

    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
