package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A process that writes into several directories at the same time: two accepted tokens in turn, and a refused token
 * after every third. It ends only if it fails.
 */
final class AlternatingWriter {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final AtomicReference<String> bundle = new AtomicReference<>("");
    private final ServiceAccountDirectory directory;
    private final Token[] accepted;
    private final Token refused;

    private AlternatingWriter(Path directory, Path source, Token[] accepted, Token refused) {
        this.directory = new ServiceAccountDirectory(
                directory,
                source,
                () -> bundle.get().getBytes(UTF_8),
                VettedSettings.TokenContent.ACCEPTED,
                new FileAccess(null),
                new Disk(),
                InstantSource.system());
        this.accepted = accepted;
        this.refused = refused;
    }

    /** Arguments: the source, two accepted tokens, a refused token, and the directories. */
    public static void main(String[] arguments) throws Exception {
        Path source = Path.of(arguments[0]);
        Token[] accepted = {Token.parse(arguments[1]), Token.parse(arguments[2])};
        Token refused = Token.parse(arguments[3]);
        for (int i = 4; i < arguments.length; i++) {
            AlternatingWriter writer = new AlternatingWriter(Path.of(arguments[i]), source, accepted, refused);
            new Thread(writer::run, arguments[i]).start();
        }
    }

    private void run() {
        try {
            for (int i = 0; ; i++) {
                Token next = accepted[i % 2];
                bundle.set(next.bearer());
                directory.update(status(new Verdict.Accepted(NOON, null), next));
                if (i % 3 == 0) {
                    directory.update(status(new Verdict.Refused(TokenStatuses.ADDRESS), refused));
                }
            }
        } catch (IOException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static TokenStatus status(Verdict verdict, Token token) {
        return TokenStatuses.of(NOON, verdict, token);
    }
}
