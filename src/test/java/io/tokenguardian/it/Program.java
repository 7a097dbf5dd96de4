package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.HangDetector;
import io.tokenguardian.token.TokenMask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of the packaged program, or of another beside it. What it prints is kept in {@code target/program-output}.
 */
public final class Program implements AutoCloseable {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final AtomicInteger RUNS = new AtomicInteger();

    /** Made when the first program of the JVM is run. */
    private static final class Jvm {
        static final List<String> COMMAND = jvm();
    }

    private static final Pattern LEADING_ASTRAY = Pattern.compile("GUARDIAN_.*|KUBERNETES_.*|KUBECONFIG|(?i:.*_proxy)");

    /** What makes the program's SIGINT the default again where it is ignored, as in the background of a script. */
    private static final List<String> WITH_SIGINT =
            sigintIsIgnored() ? List.of("env", "--default-signal=INT") : List.of();

    /** What a run came to. */
    public record Ended(int exitCode, String out, String err) {}

    private final Process process;
    private final Path out;
    private final Path err;

    private Program(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Whether this process has inherited that SIGINT, the second signal, is ignored; false where that can't be told.
     */
    private static boolean sigintIsIgnored() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    /** Starts it; those of the arguments that come first and begin with {@code -D} are system properties. */
    public static Program start(Map<String, String> environment, String... arguments) throws IOException {
        return startOther(executable(), environment, arguments);
    }

    /** Starts it with so many file descriptors at the most. */
    static Program startWithFiles(int most, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh"));
        command.addAll(executable());
        return startOther(command, environment, arguments);
    }

    /** Starts another program, with nothing in its environment that would tell it of a cluster or a proxy. */
    static Program startOther(List<String> executable, Map<String, String> environment, String... arguments)
            throws IOException {
        Path outputs = Files.createDirectories(TARGET.resolve("program-output"));
        String words = Arrays.stream(arguments).dropWhile(Program::isProperty).collect(Collectors.joining("_"));
        String name = TokenMask.masked(words).replaceAll("[^A-Za-z0-9_-]", "") + "-" + RUNS.incrementAndGet() + "-"
                + ProcessHandle.current().pid();
        Path out = outputs.resolve(name + ".out");
        Path err = outputs.resolve(name + ".err");
        List<String> command = new ArrayList<>(WITH_SIGINT);
        command.addAll(command(executable, arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(key -> LEADING_ASTRAY.matcher(key).matches());
        builder.environment().putAll(environment);
        return new Program(builder.start(), out, err);
    }

    public static Ended run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        try (Program program = start(environment, arguments)) {
            return program.ended();
        }
    }

    /** The properties right after the executable, where the JVM and native executables look for them. */
    private static List<String> command(List<String> executable, String... arguments) {
        List<String> command = new ArrayList<>(Sigint.PREFIX);
        command.addAll(executable);
        command.addAll(
                Sigint.PREFIX.size() + 1,
                Arrays.stream(arguments).takeWhile(Program::isProperty).toList());
        Arrays.stream(arguments).dropWhile(Program::isProperty).forEach(command::add);
        return command;
    }

    private static boolean isProperty(String argument) {
        return argument.startsWith("-D");
    }

    /** The native executable if this build makes one, else the JVM's. */
    private static List<String> executable() {
        String runner = System.getProperty("native.image.path", "");
        if (!runner.isEmpty()) {
            return List.of(runner);
        }
        return Jvm.COMMAND;
    }

    /** The JVM's, with what it has loaded by its start kept from one run to the next: a fifth of the start's time. */
    private static List<String> jvm() {
        Path archive = TARGET.resolve("program-output.jsa");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:ArchiveClassesAtExit=" + archive,
                "-jar",
                TARGET.resolve("quarkus-app/quarkus-run.jar").toString()));
        try {
            List<String> first = new ArrayList<>(command);
            first.add("--version");
            new ProcessBuilder(first)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        command.set(3, "-XX:SharedArchiveFile=" + archive);
        return command;
    }

    long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGINT. */
    void interrupt() throws IOException, InterruptedException {
        signal("INT");
    }

    /**
     * Sends a signal by its name, such as {@code HUP}: by the shell, since a program {@code kill} is not everywhere.
     */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid()).start().waitFor();
    }

    /** Has it read this line. */
    void tell(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    public Ended ended() throws IOException, InterruptedException {
        if (!process.waitFor(HangDetector.millis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + HangDetector.TIMEOUT + "; said " + out() + err());
        }
        return new Ended(process.exitValue(), out(), err());
    }

    public String out() throws IOException {
        return Files.readString(out);
    }

    public String err() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
