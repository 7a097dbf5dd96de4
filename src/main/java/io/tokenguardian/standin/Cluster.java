package io.tokenguardian.standin;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The state that all replicas share.
 *
 * @param authority the authority that signs the server and client certificates
 * @param audience the server's own audiences. Tokens for other audiences are refused
 * @param connections the total number of connections to all replicas so far
 */
record Cluster(
        Toggles toggles,
        ObjectStore objects,
        TokenIssuer issuer,
        Certificates authority,
        RequestLog records,
        List<String> audience,
        AtomicLong connections) {}
