package io.tokenguardian.standin;

/** Decides what an authenticated user may do. A request that is not allowed gets a 403. */
@FunctionalInterface
public interface Authorization {

    boolean allows(String user, RequestInfo request);
}
