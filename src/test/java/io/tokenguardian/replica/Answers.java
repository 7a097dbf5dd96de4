package io.tokenguardian.replica;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Answer.MetBy;
import io.tokenguardian.replica.Answer.Origin;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

public final class Answers {
    /** A token whose claims do not matter. */
    private static final Token ANY =
            TestTokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z")).token();

    private Answers() {}

    /** Returns an answer to a probe of any token; {@code date} is null if the response had none. */
    public static Answer probed(Origin from, Finding finding, Instant at, @Nullable Instant date) {
        return new Answer(ANY, finding, Sample.of(at, at, date), at, from, MetBy.PROBE, false);
    }

    public static Answer to(Token token, Finding finding, @Nullable Sample clock, Instant at) {
        return new Answer(token, finding, clock, at, new Origin("", null, List.of(), null), MetBy.PROBE, false);
    }

    /** Returns an acceptance that the proxy received. */
    public static Answer date(String address, String certificate, Sample sample, String... names) {
        Origin from = new Origin(address, certificate, List.of(names), null);
        return new Answer(ANY, Finding.ACCEPTED, sample, sample.receivedAt(), from, MetBy.PROXY, false);
    }

    /** Returns a refusal that the proxy received from a replica whose certificate does not matter. */
    public static Answer refused(Token token, Finding finding, boolean inDoubt) {
        return refused(token, finding, inDoubt, "");
    }

    /** Returns a refusal that the proxy received. */
    public static Answer refused(Token token, Finding finding, boolean inDoubt, String certificate) {
        return new Answer(
                token,
                finding,
                null,
                Instant.EPOCH,
                new Origin("", certificate, List.of(), null),
                MetBy.PROXY,
                inDoubt);
    }
}
