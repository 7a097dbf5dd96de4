package io.tokenguardian.replica;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one replica has shown about one token, once.
 *
 * @param clock a reading of the replica's clock; null if the response had no usable {@code Date}
 * @param at when the response arrived, on the local timeline
 * @param inDoubt whether replicas refused the token over several new connections in a row
 */
public record Answer(
        Token token, Finding finding, @Nullable Sample clock, Instant at, Origin from, MetBy metBy, boolean inDoubt) {

    /** Whose request was answered. */
    public enum MetBy {
        PROBE,
        PROXY
    }

    /**
     * The replica, as far as a response shows it.
     *
     * @param certificate its SHA-256 hash; null without a TLS session
     * @param names the names in the certificate that may belong to the replica itself
     * @param user the name that the replica reports for the bearer; null if it reported none
     */
    public record Origin(
            String address,
            @Nullable String certificate,
            List<String> names,
            @Nullable String user) {
        public Origin {
            names = List.copyOf(names);
        }
    }
}
