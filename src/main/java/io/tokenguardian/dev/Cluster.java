package io.tokenguardian.dev;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all replicas share.
 *
 * @param audience what the server calls itself: tokens for others are refused
 * @param connections counts the connections of all replicas
 */
record Cluster(
        Settings settings,
        ObjectStore objects,
        TokenIssuer issuer,
        PodLogs logs,
        Records records,
        List<String> audience,
        AtomicLong connections) {}
