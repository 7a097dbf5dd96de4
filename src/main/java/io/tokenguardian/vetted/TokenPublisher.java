package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a target up to date. The target holds the token, or the token's placeholder, or neither. A placeholder is no
 * token, and is never withdrawn.
 *
 * <p>Once a target has held a token, it always holds one while any replica accepts a token. If all tokens are refused
 * by some replica, it holds the token that the fewest replicas refuse. A token is withdrawn when no replica has
 * accepted any token for {@link #DEAD_FOR}. A token written by an earlier run counts as well, so a restart of the
 * guardian removes no token from a running app.
 */
final class TokenPublisher {
    /** How long a token stays although no replica accepts it. */
    static final Duration DEAD_FOR = Duration.ofSeconds(30);

    /** A place to which the token is written. */
    interface Target {

        /**
         * Writes the changes.
         *
         * @param written the last token that was written and that the target still holds; null if unknown
         */
        void publish(Token token, @Nullable Token written) throws IOException;

        /** Removes the token, whether written by this run or an earlier run. */
        void withdraw() throws IOException;

        /** Whether it holds a token, written by this run or an earlier run. */
        boolean holdsToken();
    }

    private final Target target;
    private final VettedSettings.TokenContent content;
    private final InstantSource wallClock;
    private @Nullable Token written;

    /** Whether the target has ever held a token. */
    private boolean held;

    /** Since when no replica accepts a token, by the responses so far; null if a replica accepts one. */
    private @Nullable Instant deadSince;

    /** Whether the last write or withdrawal failed. Then the target may not hold {@link #written}. */
    private boolean unsure;

    /** @param wallClock the node's clock */
    TokenPublisher(Target target, VettedSettings.TokenContent content, InstantSource wallClock) {
        this.target = target;
        this.content = content;
        this.wallClock = wallClock;
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

    /** Whether no replica has accepted a token for {@link #DEAD_FOR}. An API server that is silent does not count. */
    private boolean isDead(TokenStatus tokenStatus) {
        Instant now = wallClock.instant();
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

    /** While the next token can't be written, the last token stays until it expires. */
    private void withdrawExpired(IOException failure) {
        Instant expiresAt = written == null ? null : written.claims().expiresAt();
        if (content != VettedSettings.TokenContent.PLACEHOLDER
                && expiresAt != null
                && !wallClock.instant().isBefore(expiresAt)) {
            try {
                withdraw();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
