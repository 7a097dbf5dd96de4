package io.tokenguardian.standin;

import java.io.IOException;
import java.nio.file.Path;

/** Runs a stand-in with one replica as a separate process, for the benchmarks. */
public final class StandInMain {

    private StandInMain() {}

    /**
     * Writes a volume with the token and the CA to the directory that the only argument names, prints the server's
     * address as a line of JSON, and serves until the process is stopped.
     */
    public static void main(String[] arguments) throws IOException {
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        }
        try (StandInApiServer server = StandInApiServer.builder().records(false).start()) {
            ProjectedVolume.create(Path.of(arguments[0]), server.issue(), server.caPem(), "default");
            System.out.println(Json.object().put("url", server.url().toString()));
            server.awaitEnd();
        }
    }
}
