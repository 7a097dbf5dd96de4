package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a target up to date. The target holds a token, a token's placeholder, or neither. A placeholder is not a token,
 * and is never withdrawn.
 *
 * <p>Once a target has held a token, it always holds a token while any replica accepts one. If every token is refused
 * by some replica, the target holds the token that the fewest replicas refuse. A token is withdrawn once no replica has
 * accepted any token for {@link #DEAD_FOR}. This also applies to a token that was written by an earlier run, so a
 * restart of the guardian removes no token from a running app.
 */
final class TokenPublisher {
    /** How long a token remains in the target while no replica accepts any token. */
    static final Duration DEAD_FOR = Duration.ofSeconds(30);

    /** The place to which a token is written. */
    interface Target {

        /**
         * Updates the files of the target. Does nothing unless something has changed.
         *
         * @param written the last written token, which the target still holds; null if unknown
         */
        void publish(Token token, @Nullable Token written) throws IOException;

        /** Removes the token, whether this run or an earlier run wrote it. */
        void withdraw() throws IOException;

        /** Whether the target holds a token that this run or an earlier run wrote. */
        boolean holdsToken();
    }

    private final Target target;
    private final VettedSettings.TokenContent content;
    private final InstantSource timeline;
    private @Nullable Token written;

    /** Whether the target has ever held a token. */
    private boolean held;

    /**
     * Since when no replica has accepted any token, according to the responses so far; null if a replica accepts a
     * token.
     */
    private @Nullable Instant deadSince;

    /** Whether the last write or withdrawal failed, so that the target may not hold {@link #written}. */
    private boolean unsure;

    /** @param timeline not the node's clock, whose steps would change durations */
    TokenPublisher(Target target, VettedSettings.TokenContent content, InstantSource timeline) {
        this.target = target;
        this.content = content;
        this.timeline = timeline;
    }

    VettedOutput.Outcome update(TokenStatus tokenStatus) throws IOException {
        held |= target.holdsToken();
        Token token = tokenOf(tokenStatus);
        if (token == null) {
            return withoutToken(tokenStatus);
        }
        deadSince = null;
        try {
            target.publish(token, unsure ? null : written);
            written = token;
            unsure = false;
        } catch (IOException e) {
            unsure = true;
            withdrawExpired(e);
            throw e;
        }
        return VettedOutput.Outcome.WRITTEN;
    }

    private @Nullable Token tokenOf(TokenStatus tokenStatus) {
        Token token = content.tokenOf(tokenStatus);
        return token == null && held ? tokenStatus.usableToken() : token;
    }

    private VettedOutput.Outcome withoutToken(TokenStatus tokenStatus) throws IOException {
        if (content == VettedSettings.TokenContent.PLACEHOLDER) {
            return written == null ? VettedOutput.Outcome.WAITING : VettedOutput.Outcome.WRITTEN;
        }
        if (!target.holdsToken() && (unsure || tokenStatus.isJudged())) {
            return withdraw();
        }
        return isDead(tokenStatus) ? withdraw() : stays();
    }

    private VettedOutput.Outcome stays() {
        return written == null ? VettedOutput.Outcome.WAITING : VettedOutput.Outcome.WRITTEN;
    }

    /**
     * Whether no replica has accepted a token for {@link #DEAD_FOR}. Time before the token has been judged does not
     * count, so a silent API server causes no withdrawal.
     */
    private boolean isDead(TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        if (tokenStatus.isJudged() && deadSince == null) {
            deadSince = now;
        }
        return deadSince != null && !now.isBefore(deadSince.plus(DEAD_FOR));
    }

    private VettedOutput.Outcome withdraw() throws IOException {
        unsure = true;
        target.withdraw();
        unsure = false;
        written = null;
        return VettedOutput.Outcome.WITHDRAWN;
    }

    /**
     * Withdraws the last token if it has expired. While the next token can't be written, the last token remains until
     * it expires.
     */
    private void withdrawExpired(IOException failure) {
        Instant expiresAt = written == null ? null : written.claims().expiresAt();
        if (content != VettedSettings.TokenContent.PLACEHOLDER
                && expiresAt != null
                && !timeline.instant().isBefore(expiresAt)) {
            try {
                withdraw();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
