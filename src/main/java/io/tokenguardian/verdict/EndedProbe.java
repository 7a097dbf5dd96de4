package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeResult;

/**
 * A probe of one token that has ended.
 *
 * @param connection a number, unique among the probes of one token
 * @param isNew whether this was the first probe over the connection
 * @param open whether another probe can be sent over the connection
 */
public record EndedProbe(int connection, boolean isNew, boolean open, ProbeResult result) {}
