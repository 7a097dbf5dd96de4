package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a target up to date: it holds the token, or the token's placeholder, or neither. A placeholder is no token, and
 * is never withdrawn.
 *
 * <p>A token that an earlier run has written was good then. It stays until this run has judged a token, so that a
 * restart of the guardian takes no token away from a running app.
 */
final class TokenPublisher {

    /** A place to which the token is written. */
    interface Target {

        /**
         * Writes what has changed.
         *
         * @param written the token that the target was last given and still holds; null when unknown
         */
        void publish(Token token, @Nullable Token written) throws IOException;

        /** Removes the token, whoever has written it. */
        void withdraw() throws IOException;
    }

    private final Target target;
    private final VettedSettings.TokenContent content;
    private final InstantSource wallClock;
    private boolean decided;
    private @Nullable Token written;

    /** Whether the last write or withdrawal failed, so that the target may hold another token than {@link #written}. */
    private boolean unsure;

    /** @param wallClock the node's clock */
    TokenPublisher(Target target, VettedSettings.TokenContent content, InstantSource wallClock) {
        this.target = target;
        this.content = content;
        this.wallClock = wallClock;
    }

    VettedOutput.Outcome update(TokenStatus tokenStatus) throws IOException {
        Token token = content.tokenOf(tokenStatus);
        decided |= tokenStatus.isJudged();
        if (token == null) {
            return withoutToken();
        }
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

    private VettedOutput.Outcome withoutToken() throws IOException {
        if (content == VettedSettings.TokenContent.PLACEHOLDER) {
            return written == null ? VettedOutput.Outcome.WAITING : VettedOutput.Outcome.WRITTEN;
        }
        return decided ? withdraw() : VettedOutput.Outcome.WAITING;
    }

    private VettedOutput.Outcome withdraw() throws IOException {
        unsure = true;
        target.withdraw();
        unsure = false;
        written = null;
        return VettedOutput.Outcome.WITHDRAWN;
    }

    /** While the next token can't be written, the last one stays until it expires. */
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
