package io.tokenguardian.proxy.request;

import java.time.Duration;

/** The settings that affect the life of a request. */
public interface RequestSettings {

    /** The maximum total time that a request waits for a usable token. */
    Duration holdTimeout();

    /** How many bytes of one body to keep for retries until the response's headers arrive. */
    long replayLimit();

    /** The API server's leeway on the token's times. */
    Duration leeway();

    /** Whether every 401 is passed on and never retried. */
    boolean passThrough();
}
