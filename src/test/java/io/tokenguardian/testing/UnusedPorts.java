package io.tokenguardian.testing;

import java.util.HashMap;
import java.util.Map;

/** Keeps a program that a test starts away from the default ports, at which a guardian beside the tests may listen. */
public final class UnusedPorts {
    private UnusedPorts() {}

    /**
     * Returns the environment with 0 for the port of each listener that it does not set. A program listens at any free
     * port then, and a command beside it, such as {@code exec --quit}, reaches no listener.
     */
    public static Map<String, String> insteadOfDefaults(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(
                Map.of("QUARKUS_HTTP_PORT", "0", "QUARKUS_MANAGEMENT_PORT", "0", "GUARDIAN_PROXY_PORT", "0"));
        all.putAll(environment);
        return all;
    }
}
