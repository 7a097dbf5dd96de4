package io.tokenguardian.replica;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.token.Token;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one replica has shown about one token, once.
 *
 * @param clock a reading of the replica's clock; null if the response had no usable {@code Date}
 * @param at when the response arrived, on the local timeline
 */
public record Answer(Token token, Finding finding, @Nullable Sample clock, Instant at) {}
