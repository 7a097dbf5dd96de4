package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.HangDetector;
import io.tokenguardian.cli.CommandRun;
import io.tokenguardian.testing.UnusedPorts;
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

/** A run of the packaged program, or of another program. Its output is stored in {@code target/program-output}. */
public final class Program implements AutoCloseable {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final AtomicInteger RUNS = new AtomicInteger();

    /** Initialized when this JVM first starts the program. */
    private static final class Jvm {
        static final List<String> COMMAND = jvm();
    }

    private static final Pattern LEADING_ASTRAY = Pattern.compile("GUARDIAN_.*|KUBERNETES_.*|KUBECONFIG|(?i:.*_proxy)");

    /** The exit code and the output of a run. */
    public record Ended(int exitCode, String out, String err) {}

    private final Process process;
    private final Path out;
    private final Path err;

    private Program(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts the program. Leading arguments that begin with {@code -D} are system properties. */
    public static Program start(Map<String, String> environment, String... arguments) throws IOException {
        return startOther(executable(), environment, arguments);
    }

    /** Starts the program with this limit on file descriptors. */
    static Program startWithFiles(int most, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh"));
        command.addAll(executable());
        return startOther(command, environment, arguments);
    }

    /** Starts another program, without the variables of this process that point to a cluster or a proxy. */
    static Program startOther(List<String> executable, Map<String, String> environment, String... arguments)
            throws IOException {
        Path output = output(arguments);
        Path out = Path.of(output + ".out");
        Path err = Path.of(output + ".err");
        ProcessBuilder builder = new ProcessBuilder(command(executable, arguments))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(key -> LEADING_ASTRAY.matcher(key).matches());
        builder.environment().putAll(UnusedPorts.insteadOfDefaults(environment));
        return new Program(builder.start(), out, err);
    }

    /**
     * Runs a command other than {@code serve}: as a process of the native executable, if this build has one, otherwise
     * in this JVM.
     */
    static Ended command(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        if (isNative() || CommandRun.serves(arguments)) {
            return run(environment, arguments);
        }
        CommandRun run = new CommandRun(environment, arguments);
        Path output = output(arguments);
        Files.writeString(Path.of(output + ".out"), run.out());
        Files.writeString(Path.of(output + ".err"), run.err());
        return new Ended(run.exitCode(), run.out(), run.err());
    }

    private static boolean isNative() {
        return !System.getProperty("native.image.path", "").isEmpty();
    }

    /** Returns the file for the output of a run, without its ending. */
    private static Path output(String... arguments) throws IOException {
        String words = Arrays.stream(arguments).dropWhile(Program::isProperty).collect(Collectors.joining("_"));
        String name = TokenMask.masked(words).replaceAll("[^A-Za-z0-9_-]", "") + "-" + RUNS.incrementAndGet() + "-"
                + ProcessHandle.current().pid();
        return Files.createDirectories(TARGET.resolve("program-output")).resolve(name);
    }

    public static Ended run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        try (Program program = start(environment, arguments)) {
            return program.ended();
        }
    }

    /** Puts system properties right after the executable, where JVMs and native executables expect them. */
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

    /** Returns the command for the native executable if this build has one, otherwise the command for the JVM. */
    private static List<String> executable() {
        return isNative() ? List.of(System.getProperty("native.image.path")) : Jvm.COMMAND;
    }

    /**
     * Returns the JVM's command, with an archive of the classes that are loaded at startup. The archive saves a fifth
     * of the startup time.
     */
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

    /**
     * Sends a signal by its name, for example {@code HUP}. Uses the shell, because some systems have no program
     * {@code kill}.
     */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid()).start().waitFor();
    }

    /** Writes the line to the program's standard input. */
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
