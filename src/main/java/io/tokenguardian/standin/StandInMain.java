package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Runs a stand-in as a separate process. Writes a volume with the token and the CA, and prints the addresses as one
 * line of JSON. Then executes commands from its standard input until it is stopped or reads {@code quit}.
 */
public final class StandInMain {

    private StandInMain() {}

    /**
     * Runs the program. On a usage error, or if it can't start or can't write a token, it prints one line and exits
     * with code 2.
     */
    public static void main(String[] arguments) {
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        }
        CommandLine command = new CommandLine(spec());
        try {
            ParseResult parsed = command.parseArgs(arguments);
            if (parsed.isUsageHelpRequested()) {
                command.usage(System.out);
                return;
            }
            run(parsed, System.in, System.out);
        } catch (ParameterException | IllegalArgumentException | IOException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("stand-in");
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("show this help message and exit")
                .build());
        spec.usageMessage()
                .description("A stand-in for a Kubernetes API server. Each replica has its own clock.")
                .footer(
                        "",
                        "Commands on standard input:",
                        "  offset REPLICA SECONDS   sets a replica's clock SECONDS ahead (behind, if negative)",
                        "  rotate [REPLICA]         writes a new token of that replica to the volume",
                        "  down REPLICA | up REPLICA",
                        "  quit");
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("DIRECTORY")
                .type(Path.class)
                .required(true)
                .description("directory for the files token, ca.crt and namespace")
                .build());
        option(spec, "--replicas", Integer.class, "1", "number of replicas");
        option(spec, "--offsets", String.class, "", "clock offsets in seconds, such as 0,2,-75");
        option(spec, "--port", Integer.class, "0", "port of the address that all replicas share");
        option(spec, "--selection", String.class, "random", "random, in-turn or an order such as 2,0,1");
        option(spec, "--big-list", Integer.class, "0", "total size of the config maps in the namespace big, in bytes");
        flag(spec, "--anonymous", "let anonymous callers read the health checks and the version");
        flag(spec, "--plain", "plain HTTP, no TLS");
        flag(spec, "--records", "record requests, in memory");
        return spec;
    }

    private static void option(CommandSpec spec, String name, Class<?> type, String value, String description) {
        spec.addOption(OptionSpec.builder(name)
                .type(type)
                .arity("1")
                .defaultValue(value)
                .description(description)
                .build());
    }

    private static void flag(CommandSpec spec, String name, String description) {
        spec.addOption(OptionSpec.builder(name)
                .type(boolean.class)
                .defaultValue("false")
                .description(description)
                .build());
    }

    private static void run(ParseResult options, InputStream in, PrintStream out) throws IOException {
        try (StandInApiServer server = StandInApiServer.builder()
                .replicas(options.matchedOptionValue("--replicas", 1))
                .offsets(offsets(options.matchedOptionValue("--offsets", "")))
                .port(options.matchedOptionValue("--port", 0))
                .selection(selection(options.matchedOptionValue("--selection", "random")))
                .anonymous(options.matchedOptionValue("--anonymous", false))
                .records(options.matchedOptionValue("--records", false))
                .start()) {
            boolean plain = options.matchedOptionValue("--plain", false);
            if (plain) {
                server.fault(new Fault.PlainHttp());
            }
            server.fillBigList(options.matchedOptionValue("--big-list", 0));
            Path directory = options.matchedPositionalValue(0, Path.of("."));
            ProjectedVolume volume = ProjectedVolume.create(directory, server.issue(), server.caPem(), "default");
            out.println(describe(server, volume, plain));
            execute(server, volume, in);
        }
    }

    private static Duration[] offsets(String text) {
        if (text.isEmpty()) {
            return new Duration[0];
        }
        String[] parts = text.split(",", -1);
        Duration[] offsets = new Duration[parts.length];
        for (int i = 0; i < parts.length; i++) {
            offsets[i] = seconds(parts[i]);
        }
        return offsets;
    }

    private static Duration seconds(String text) {
        try {
            return Duration.ofNanos(Math.round(Double.parseDouble(text.strip()) * 1e9));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "an offset must be a number of seconds, such as -75 or 0.25, not: " + text, e);
        }
    }

    private static ReplicaSelection selection(String text) {
        return switch (text) {
            case "random" -> ReplicaSelection.atRandom();
            case "in-turn" -> ReplicaSelection.inTurn();
            default -> {
                String[] parts = text.split(",", -1);
                int[] order = new int[parts.length];
                try {
                    for (int i = 0; i < parts.length; i++) {
                        order[i] = Integer.parseInt(parts[i].strip());
                    }
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "--selection is random, in-turn or an order such as 2,0,1, not: " + text, e);
                }
                yield ReplicaSelection.order(order);
            }
        };
    }

    private static String describe(StandInApiServer server, ProjectedVolume volume, boolean plain) {
        String scheme = plain ? "http" : "https";
        ObjectNode line = Json.object();
        line.put("url", scheme + "://127.0.0.1:" + server.port());
        ArrayNode replicas = line.putArray("replicas");
        for (Replica replica : server.replicas()) {
            replicas.addObject()
                    .put("url", scheme + "://127.0.0.1:" + replica.port())
                    .put("clockOffsetSeconds", replica.clock().offset().toNanos() / 1e9);
        }
        line.put("token", volume.token().toString());
        line.put("ca", volume.ca().toString());
        line.put("seed", RandomSelection.SEED);
        line.put("pid", ProcessHandle.current().pid());
        return line.toString();
    }

    /** Executes commands. After its input ends, the stand-in keeps serving until the process is stopped. */
    private static void execute(StandInApiServer server, ProjectedVolume volume, InputStream in) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words[0].equals("quit")) {
                return;
            }
            try {
                execute(server, volume, words);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                System.err.println("wrong command: " + line.toLowerCase(Locale.ROOT));
            }
        }
        server.awaitEnd();
    }

    private static void execute(StandInApiServer server, ProjectedVolume volume, String[] words) throws IOException {
        Replica replica = server.replica(words.length > 1 ? Integer.parseInt(words[1]) : 0);
        switch (words[0]) {
            case "offset" -> replica.clock().offset(seconds(words[2]));
            case "rotate" -> volume.rotate(server.issue(replica.index(), TokenSpec.unextended()));
            case "down" -> replica.down();
            case "up" -> replica.up();
            default -> throw new IllegalArgumentException();
        }
    }
}
