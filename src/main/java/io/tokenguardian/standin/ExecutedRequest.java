package io.tokenguardian.standin;

/**
 * A request that was authenticated, authorized and executed. No caller's request may be executed more than once.
 *
 * @param user the server's name for the caller
 */
public record ExecutedRequest(ReceivedHead head, String user) {}
