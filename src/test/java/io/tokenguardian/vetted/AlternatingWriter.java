package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.guardian.Situations;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A process that does nothing but write: two accepted tokens by turns, and a refused one in between. */
final class AlternatingWriter {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private AlternatingWriter() {}

    /** Takes the directory, the source and three tokens, of which the last is the refused one. */
    public static void main(String[] arguments) throws Exception {
        AtomicReference<String> bundle = new AtomicReference<>("");
        Path source = Path.of(arguments[1]);
        ServiceAccountDirectory directory = new ServiceAccountDirectory(
                Path.of(arguments[0]),
                source,
                () -> bundle.get().getBytes(UTF_8),
                new Access(null, null),
                new FileSystemDisk(),
                InstantSource.system());
        Situation[] accepted = {accepted(arguments[2]), accepted(arguments[3])};
        Situation refused = Situations.of(NOON, new Verdict.Refused(Situations.ADDRESS), Token.parse(arguments[4]));
        for (int i = 0; ; i++) {
            bundle.set(arguments[2 + i % 2]);
            directory.follow(accepted[i % 2]);
            if (i % 3 == 0) {
                directory.follow(refused);
            }
        }
    }

    private static Situation accepted(String token) throws Exception {
        return Situations.of(NOON, new Verdict.Accepted(NOON, null), Token.parse(token));
    }
}
