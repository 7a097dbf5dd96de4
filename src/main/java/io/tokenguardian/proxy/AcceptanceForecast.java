package io.tokenguardian.proxy;

import java.time.Duration;
import java.util.Optional;

/** When the API server is expected to accept a token, as far as the control loop knows. */
@FunctionalInterface
public interface AcceptanceForecast {

    /** Time left until a token can be accepted; empty when nobody knows. Called on event loops: returns at once. */
    Optional<Duration> untilAcceptable();
}
