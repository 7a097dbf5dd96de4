package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an output up to date (docs/decisions/vetted.md). The output holds a token, a placeholder, which is not a token,
 * or neither. The rules also apply to a token that an earlier run wrote.
 */
abstract class TokenPublisher extends VettedOutput {
    /** How long a token remains in the output while no replica accepts any token. */
    static final Duration DEAD_FOR = Duration.ofSeconds(30);

    private final VettedSettings.TokenContent content;
    private final InstantSource timeline;
    private @Nullable Token written;

    private boolean held;

    /** Since when no replica has accepted any token, by the responses so far; null if a replica accepts a token. */
    private @Nullable Instant deadSince;

    /** Whether the last write or withdrawal failed, so that the output may not hold {@link #written}. */
    private boolean unsure;

    TokenPublisher(Path path, VettedSettings.TokenContent content, InstantSource timeline) {
        super(path);
        this.content = content;
        this.timeline = timeline;
    }

    /** Does nothing if nothing has changed. {@code written} is the token that the output holds; null if unknown. */
    abstract void publish(Token token, @Nullable Token written) throws IOException;

    /** Whether this run or an earlier run wrote the token. */
    abstract void withdraw() throws IOException;

    /** Whether this run or an earlier run wrote it. */
    abstract boolean holdsToken();

    @Override
    WriteOutcome update(TokenStatus tokenStatus) throws IOException {
        held |= holdsToken();
        Token token = tokenOf(tokenStatus);
        if (token == null) {
            return withoutToken(tokenStatus);
        }
        deadSince = null;
        try {
            publish(token, unsure ? null : written);
            written = token;
            unsure = false;
        } catch (IOException e) {
            unsure = true;
            throw e;
        }
        return WriteOutcome.WRITTEN;
    }

    private @Nullable Token tokenOf(TokenStatus tokenStatus) {
        Token token = content.tokenOf(tokenStatus);
        return token == null && held ? tokenStatus.usableToken() : token;
    }

    private WriteOutcome withoutToken(TokenStatus tokenStatus) throws IOException {
        if (content == VettedSettings.TokenContent.PLACEHOLDER) {
            return stays();
        }
        if (!holdsToken() && (unsure || tokenStatus.isJudged())) {
            return withdrawn();
        }
        return isDead(tokenStatus) ? withdrawn() : stays();
    }

    private WriteOutcome stays() {
        return written == null ? WriteOutcome.WAITING : WriteOutcome.WRITTEN;
    }

    /** Time before the token has been judged does not count, so a silent API server causes no withdrawal. */
    private boolean isDead(TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        if (tokenStatus.isJudged() && deadSince == null) {
            deadSince = now;
        }
        return deadSince != null && !now.isBefore(deadSince.plus(DEAD_FOR));
    }

    private WriteOutcome withdrawn() throws IOException {
        unsure = true;
        withdraw();
        unsure = false;
        written = null;
        return WriteOutcome.WITHDRAWN;
    }
}
