package io.tokenguardian.vetted;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The rule that a place for the app holds a token that is accepted, or else none.
 *
 * <p>What an earlier run has left there was accepted when it was written, and stays until this run knows anything: a
 * guardian that is restarted takes no token away from an app that runs.
 */
final class Vetting {

    /** Where the token is written. */
    interface Place {

        /**
         * Writes what is not there yet.
         *
         * @param written what the place was last given and still has; null when nobody knows
         */
        void publish(Token accepted, @Nullable Token written) throws IOException;

        /** Takes the token away, whoever has written it. */
        void withdraw() throws IOException;
    }

    private final Place place;
    private final InstantSource wallClock;
    private boolean decided;
    private @Nullable Token written;

    /** @param wallClock the node's */
    Vetting(Place place, InstantSource wallClock) {
        this.place = place;
        this.wallClock = wallClock;
    }

    Output.Outcome follow(Situation situation) throws IOException {
        Token accepted = situation.acceptedToken();
        decided |= situation.isJudged();
        if (accepted == null) {
            return decided ? withdraw() : Output.Outcome.WAITING;
        }
        try {
            place.publish(accepted, written);
            written = accepted;
        } catch (IOException e) {
            withdrawExpired(e);
            throw e;
        }
        return Output.Outcome.WRITTEN;
    }

    private Output.Outcome withdraw() throws IOException {
        place.withdraw();
        written = null;
        return Output.Outcome.WITHDRAWN;
    }

    /** While the next token can't be written the last one stays, for as long as it can be good. */
    private void withdrawExpired(IOException failure) {
        Instant expiresAt = written == null ? null : written.claims().expiresAt();
        if (expiresAt != null && !wallClock.instant().isBefore(expiresAt)) {
            try {
                withdraw();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
