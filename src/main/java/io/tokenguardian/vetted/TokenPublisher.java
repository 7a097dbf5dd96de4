package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a target up to date: it holds the token, or the token's placeholder, or neither. A placeholder is no token, and
 * is never withdrawn.
 *
 * <p>A target that has held a token is never without one while any replica accepts a token: it then holds the token
 * that the fewest replicas refuse, since no token would be refused by all. A token is withdrawn once no replica has
 * accepted any for {@link #DEAD_FOR}. The token that an earlier run has written counts as well, so that a restart of
 * the guardian takes no token away from a running app.
 */
final class TokenPublisher {
    /** How long a token stays although no replica accepts it. */
    static final Duration DEAD_FOR = Duration.ofSeconds(30);

    /** A place to which the token is written. */
    interface Target {

        /**
         * Writes the changes.
         *
         * @param written the token that the target was last given and still holds; null when unknown
         */
        void publish(Token token, @Nullable Token written) throws IOException;

        /** Removes the token, of this run or an earlier run. */
        void withdraw() throws IOException;

        /** Whether it holds a token, of this run or an earlier run. */
        boolean holdsToken();
    }

    private final Target target;
    private final VettedSettings.TokenContent content;
    private final InstantSource wallClock;
    private @Nullable Token written;

    /** Whether the target has ever held a token. */
    private boolean held;

    /** Since when no replica accepts a token, as far as replicas have answered; null if a replica does accept one. */
    private @Nullable Instant deadSince;

    /** Whether the last write or withdrawal failed, so that the target may hold another token than {@link #written}. */
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

    /** Whether no replica has accepted a token for long. An API server that does not respond does not count. */
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
