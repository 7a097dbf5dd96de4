package io.tokenguardian.dev;

/** Decides what an authenticated user may do; what it forbids is a 403. */
@FunctionalInterface
public interface Authorization {

    boolean allows(String user, String method, String path);
}
