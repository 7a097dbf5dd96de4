package io.tokenguardian.proxy.request;

import java.time.Duration;

public interface RequestSettings {

    /** The maximum total time that a request waits for a usable token. */
    Duration holdTimeout();

    /** How many bytes of one body to keep for retries until the response's headers arrive. */
    long replayLimit();
}
