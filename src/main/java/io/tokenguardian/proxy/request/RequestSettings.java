package io.tokenguardian.proxy.request;

import java.time.Duration;

/** The settings on which a request's life depends. */
public interface RequestSettings {

    /** How long one request waits in total for a usable token. */
    Duration holdTimeout();

    /** How many requests may wait at a time. */
    int maxHeld();

    /** Bytes of one body to keep for retries until the response's headers arrive. */
    long replayLimit();

    /** Bytes of all bodies together to keep for retries. */
    long replayTotal();

    /** The API server's leeway on the token's times. */
    Duration leeway();

    /** Whether every 401 is passed on and never retried. */
    boolean passThrough();
}
