package io.tokenguardian.cli;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** Names the listener that could not be bound, because Quarkus does not name it if it is the management listener. */
final class BindFailure {
    private BindFailure() {}

    /** Returns the explanation; null if {@code failure} is not a bind failure, or if all addresses can be bound now. */
    static @Nullable String explain(Throwable failure, Config config) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                String local = explain("quarkus.http", config);
                return local == null ? explain("quarkus.management", config) : local;
            }
        }
        return null;
    }

    private static @Nullable String explain(String listener, Config config) {
        String host = config.getValue(listener + ".host", String.class);
        int port = config.getValue(listener + ".port", Integer.class);
        try {
            new ServerSocket(port, 1, InetAddress.getByName(host)).close();
            return null;
        } catch (IOException e) {
            return "%s.port: can't listen on %s:%d: %s; set another port, or another %s.host"
                    .formatted(listener, host, port, e.getMessage(), listener);
        }
    }
}
