package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;

/** The responses of one replica over one connection: it accepts some tokens, and its clock stands still. */
final class ReplicaScript {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT);

    private ReplicaScript() {}

    /** Responds to each request with 200 if it has one of the tokens in {@code taken}, otherwise with 401. */
    static void serve(ScriptedServer.Connection connection, Instant clock, Token... taken) throws IOException {
        for (String head = connection.readAnyHead(); !head.isEmpty(); head = connection.readAnyHead()) {
            String request = head;
            connection.readBody(request);
            boolean takes = Arrays.stream(taken).anyMatch(token -> request.contains("Bearer " + token.bearer()));
            connection.answer(
                    (takes ? "200 OK" + ScriptedServer.MARK : "401 Unauthorized") + "\r\n" + date(clock), "body");
        }
    }

    static String date(Instant clock) {
        return "Date: " + DATE.format(clock.atOffset(ZoneOffset.UTC));
    }
}
