package io.tokenguardian.apiserver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A server on a free port that responds to each request with the bytes of its script, with a thread per connection. */
final class ScriptedServer implements AutoCloseable {

    /** A received request. {@code connection} counts from 1. */
    record Request(int connection, String line, List<String> headers, String body) {
        List<String> header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ": ";
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(header -> header.substring(prefix.length()))
                    .toList();
        }
    }

    /** The raw bytes of a response, and what happens to the connection afterwards. */
    record Act(String text, After after) {
        enum After {
            STAY,
            CLOSE,
            RESET
        }
    }

    interface Script {
        Act answer(Request request);
    }

    static final Act SILENCE = new Act("", Act.After.STAY);

    private final ServerSocket listener;
    private final @Nullable SSLContext tls;
    private final String[] protocols;
    private final Script script;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<String> serverNames = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile Runnable onAccept = () -> {};

    private ScriptedServer(@Nullable SSLContext tls, Script script, String... protocols) {
        this.tls = tls;
        this.script = script;
        this.protocols = protocols;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    static ScriptedServer tls(TestAuthority.Identity identity, Script script, String... protocols) {
        return new ScriptedServer(identity.context(), script, protocols);
    }

    /** Makes a server without TLS. {@code script} gets the first bytes, whatever they are, as the body of a request. */
    static ScriptedServer plain(Script script) {
        return new ScriptedServer(null, script);
    }

    static Act stay(String text) {
        return new Act(text, Act.After.STAY);
    }

    /** Makes a complete response with the JSON {@code body}, which may be empty. */
    static Act json(String status, String body, String... headers) {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + "\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return stay(text + "Content-Type: application/json\r\nContent-Length: " + body.getBytes(ISO_8859_1).length
                + "\r\n\r\n" + body);
    }

    ScriptedServer onAccept(Runnable action) {
        onAccept = action;
        return this;
    }

    int port() {
        return listener.getLocalPort();
    }

    List<Request> requests() {
        return requests;
    }

    List<String> lines() {
        return requests.stream().map(Request::line).toList();
    }

    List<Integer> connections() {
        return requests.stream().map(Request::connection).toList();
    }

    /** Returns the server names that clients sent by SNI, in the order of the connections. */
    List<String> serverNames() {
        return serverNames;
    }

    private void accept() {
        try {
            for (int connection = 1; ; connection++) {
                Socket socket = listener.accept();
                sockets.add(socket);
                onAccept.run();
                int number = connection;
                daemon(() -> serve(socket, number));
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private void serve(Socket raw, int connection) {
        try {
            if (tls == null) {
                byte[] first = new byte[8192];
                int length = raw.getInputStream().read(first);
                String text = new String(first, 0, Math.max(length, 0), ISO_8859_1);
                perform(raw, raw, script.answer(new Request(connection, "", List.of(), text)));
                return;
            }
            SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(raw, null, true);
            if (protocols.length > 0) {
                socket.setEnabledProtocols(protocols);
            }
            socket.startHandshake();
            for (SNIServerName name : ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames()) {
                serverNames.add(new String(name.getEncoded(), ISO_8859_1));
            }
            for (Request request = read(socket, connection); request != null; request = read(socket, connection)) {
                requests.add(request);
                perform(raw, socket, script.answer(request));
            }
        } catch (IOException e) {
            // the client or the script has closed the connection
        }
    }

    private static void perform(Socket raw, Socket socket, Act act) throws IOException {
        socket.getOutputStream().write(act.text().getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        if (act.after() == Act.After.CLOSE) {
            socket.close();
        } else if (act.after() == Act.After.RESET) {
            raw.setSoLinger(true, 0);
            raw.close();
        }
    }

    private static @Nullable Request read(Socket socket, int connection) throws IOException {
        InputStream in = socket.getInputStream();
        List<String> head = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            head.add(line);
        }
        if (head.isEmpty()) {
            return null;
        }
        Request request = new Request(connection, head.get(0), List.copyOf(head.subList(1, head.size())), "");
        List<String> length = request.header("content-length");
        String body = length.isEmpty() ? "" : new String(in.readNBytes(Integer.parseInt(length.get(0))), ISO_8859_1);
        return new Request(connection, request.line(), request.headers(), body);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != -1 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(ISO_8859_1).strip();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
