package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * An API server that records every byte, parses requests only with {@link StrictReader}, and responds to each. Bytes
 * that are not a request are recorded, and end their connection.
 */
final class RecordingUpstream implements AutoCloseable {

    /** A request that was read to its end. */
    record Seen(int connection, StrictReader.Message request) {}

    @FunctionalInterface
    interface Answers {
        /** Returns whether the connection continues with further requests. */
        boolean answer(StrictReader.Message request, ScriptedServer.Connection connection) throws IOException;
    }

    /** One connection: the bytes after its last whole request, and whether the proxy or a script has ended it. */
    private static final class Recording {
        private final int number;
        private final CountDownLatch end = new CountDownLatch(1);

        /** Written by one thread. */
        private volatile String rest = "";

        Recording(int number) {
            this.number = number;
        }

        byte[] bytes() {
            return rest.getBytes(StandardCharsets.ISO_8859_1);
        }

        boolean isEnded() {
            return end.getCount() == 0;
        }

        void awaitEnd() throws IOException {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private final Answers answers;
    private final ScriptedServer server;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final List<Recording> recordings = new CopyOnWriteArrayList<>();

    RecordingUpstream(Answers answers) throws IOException {
        this.answers = answers;
        server = new ScriptedServer(this::serve);
    }

    /** Checks that the caller got the response to this request. */
    static void assertEcho(StrictReader.Message response, String method, String target) {
        assertThat(response.first()).as("%s", response).isEqualTo("200");
        assertThat(response.values("x-seen")).containsExactly(method + " " + target);
    }

    /** Checks that another caller's request gets its own response. */
    static void assertServes(RunningProxy proxy, String target) throws IOException {
        try (RawCaller caller = proxy.call()) {
            assertEcho(caller.getStrictly(target), "GET", target);
        }
    }

    /** Responds with the request's body, and with its method and target as {@code X-Seen}. */
    static boolean echo(StrictReader.Message request, ScriptedServer.Connection connection) throws IOException {
        String body = request.body();
        connection.write(
                "HTTP/1.1 200 OK\r\nX-Seen: " + request.method() + " " + request.target() + "\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + (request.method().equals("HEAD") ? "" : body));
        return true;
    }

    private void serve(ScriptedServer.Connection connection) throws IOException {
        Recording recording = new Recording(connection.number());
        recordings.add(recording);
        try {
            byte[] bytes = new byte[0x10000];
            boolean goesOn = true;
            boolean continued = false;
            while (goesOn) {
                try {
                    StrictReader.First first = StrictReader.first(recording.bytes());
                    recording.rest = recording.rest.substring(first.length());
                    if (first.request().values("user-agent").contains("token-guardian")) {
                        connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                    } else {
                        seen.add(new Seen(connection.number(), first.request()));
                        goesOn = answers.answer(first.request(), connection);
                    }
                    continued = false;
                    continue;
                } catch (StrictReader.EndedException e) {
                    continued = continued || sendContinue(recording, connection);
                } catch (StrictReader.MalformedException e) {
                    return;
                }
                int length = connection.in().read(bytes);
                goesOn = length >= 0;
                recording.rest =
                        recording.rest.concat(new String(bytes, 0, Math.max(length, 0), StandardCharsets.ISO_8859_1));
            }
        } finally {
            recording.end.countDown();
        }
    }

    /** Sends a 100 if the request waits for it (RFC 9110, section 10.1.1). */
    private static boolean sendContinue(Recording recording, ScriptedServer.Connection connection) throws IOException {
        try {
            if (StrictReader.head(recording.bytes()).values("expect").contains("100-continue")) {
                connection.write("HTTP/1.1 100 Continue\r\n\r\n");
                return true;
            }
        } catch (StrictReader.MalformedException e) {
            // the headers are incomplete
        }
        return false;
    }

    /** Returns the whole requests since {@link #forget()}, in the order of arrival. */
    List<Seen> seen() {
        return List.copyOf(seen);
    }

    void forget() {
        seen.clear();
        recordings.removeIf(Recording::isEnded);
    }

    /** Returns the bytes after the last whole request of each connection, if any. */
    List<String> rests() {
        return recordings.stream()
                .map(each -> each.rest)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** Whether each connection with an incomplete request has ended, with the beginning of a valid request. */
    boolean allRestsAreCut() {
        return recordings.stream()
                .filter(each -> !each.rest.isEmpty())
                .allMatch(each -> each.isEnded() && isBegun(each.bytes()));
    }

    private static boolean isBegun(byte[] rest) {
        try {
            StrictReader.first(rest);
            return false;
        } catch (StrictReader.EndedException e) {
            return true;
        } catch (StrictReader.MalformedException e) {
            return false;
        }
    }

    void awaitEnds() throws IOException {
        for (Recording each : recordings) {
            each.awaitEnd();
        }
    }

    void awaitEnd(int connection) throws IOException {
        for (Recording each : recordings) {
            if (each.number == connection) {
                each.awaitEnd();
            }
        }
    }

    ScriptedServer server() {
        return server;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
