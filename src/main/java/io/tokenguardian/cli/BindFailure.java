package io.tokenguardian.cli;

import io.quarkus.runtime.QuarkusBindException;
import java.net.BindException;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** Names the listener that could not be bound. Quarkus does so only for the local listener. */
final class BindFailure {
    private BindFailure() {}

    /** Returns the explanation; null if {@code failure} is not a bind failure. */
    static @Nullable String explain(Throwable failure, Config config) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                String listener = cause instanceof QuarkusBindException ? "quarkus.http" : "quarkus.management";
                return "%s.port: can't listen on %s:%d: %s; set another port, or another %s.host"
                        .formatted(
                                listener,
                                config.getValue(listener + ".host", String.class),
                                config.getValue(listener + ".port", Integer.class),
                                String.valueOf(cause.getMessage()).replaceFirst(".*: ", ""),
                                listener);
            }
        }
        return null;
    }
}
