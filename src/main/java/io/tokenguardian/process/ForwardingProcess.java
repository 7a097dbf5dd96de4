package io.tokenguardian.process;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command as a child process, because Java can't replace its own process with another program (execve). The
 * command inherits the input and outputs, and gets this process's signals; in a terminal, it gets Ctrl-C twice.
 */
public final class ForwardingProcess {
    private static final Logger LOG = Logger.getLogger(ForwardingProcess.class);

    /** The signals to forward: those sent by people or kubelet. The runtime reserves some signals for itself. */
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "WINCH");

    private static final Set<String> ENDING = Set.of("TERM", "INT", "HUP", "QUIT");

    /** A terminal window's new size. Does not end a process by default, so it is dropped if it can't be forwarded. */
    private static final String HARMLESS = "WINCH";

    private static final String SHELL = "/bin/sh";

    private final List<String> commandLine;
    private volatile boolean toldToEnd;
    private final Queue<String> pendingSignals = new ArrayDeque<>();
    private @Nullable Process process;

    /** Finds the command in {@code PATH}, but does not start it. */
    public ForwardingProcess(List<String> command) throws CommandNotStartedException {
        commandLine = new ArrayList<>(command);
        commandLine.set(
                0, Executable.find(command.get(0), System.getenv("PATH")).toString());
    }

    /** Starts the command, runs {@code whenStarted}, and waits. Returns the exit code, or 128 + n after signal n. */
    public int run(Runnable whenStarted) throws CommandNotStartedException, InterruptedException {
        forwardSignals();
        Process started = start();
        whenStarted.run();
        return started.waitFor();
    }

    private synchronized Process start() throws CommandNotStartedException {
        try {
            Process started = new ProcessBuilder(commandLine).inheritIO().start();
            process = started;
            pendingSignals.forEach(signal -> send(signal, started, SHELL));
            return started;
        } catch (IOException e) {
            throw new CommandNotStartedException(
                    commandLine.get(0) + " can't be executed: " + e.getMessage(),
                    CommandNotStartedException.NOT_EXECUTABLE);
        }
    }

    private void forwardSignals() {
        for (String name : SIGNALS) {
            if (!Signals.handle(name, () -> forward(name))) {
                LOG.debugf("SIG%s is reserved by the runtime and is not forwarded", name);
            }
        }
    }

    /** Whether this process has received TERM, INT, HUP or QUIT. */
    public boolean isToldToEnd() {
        return toldToEnd;
    }

    /** Forwards a signal, unless the command has ended, because another process may have its ID by then. */
    private synchronized void forward(String signal) {
        toldToEnd |= ENDING.contains(signal);
        if (process == null) {
            pendingSignals.add(signal);
        } else if (process.isAlive()) {
            send(signal, process, SHELL);
        }
    }

    /** @param shell the path of the shell; without a shell, Java can send only SIGTERM */
    static void send(String signal, Process process, String shell) {
        if (signal.equals("TERM")) {
            process.destroy();
            return;
        }
        try {
            // Uses the shell's built-in kill, because small images may have a shell but no kill program.
            new ProcessBuilder(shell, "-c", "kill -s \"$0\" \"$1\"", signal, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            if (signal.equals(HARMLESS)) {
                LOG.debugf("SIG%s can't be forwarded without %s", signal, shell);
                return;
            }
            LOG.warnf("SIG%s can't be forwarded without %s; the command gets SIGTERM instead", signal, shell);
            process.destroy();
        }
    }
}
