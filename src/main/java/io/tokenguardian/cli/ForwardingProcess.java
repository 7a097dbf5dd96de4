package io.tokenguardian.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A command that runs in this process's place, as far as one that is not its parent can tell: with its input and outputs,
 * the signals it gets, and the exit code the command ends with. Java can't become another program (execve).
 *
 * <p>Ctrl-C in a terminal reaches the command twice: the terminal sends it to both.
 */
final class ForwardingProcess {
    private static final Logger LOG = Logger.getLogger(ForwardingProcess.class);

    /** What people and kubelet send; the runtime keeps some of the rest for itself. */
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "WINCH");

    private final List<String> line;
    private final Queue<String> early = new ArrayDeque<>();
    private @Nullable Process process;

    /**
     * Looks the command up, and starts nothing yet.
     *
     * @param command its name, which is looked for in {@code PATH}, and its arguments
     */
    ForwardingProcess(List<String> command) throws CommandNotStartedException {
        line = new ArrayList<>(command);
        line.set(0, Executable.find(command.get(0), System.getenv("PATH")).toString());
    }

    /**
     * Starts the command and waits for its end.
     *
     * @return its exit code, or 128 + n when signal n ended it
     */
    int run() throws CommandNotStartedException, InterruptedException {
        forwardSignals();
        Process started = start();
        StartPages.giveBack();
        return started.waitFor();
    }

    private synchronized Process start() throws CommandNotStartedException {
        try {
            Process started = new ProcessBuilder(line).inheritIO().start();
            process = started;
            early.forEach(signal -> send(signal, started));
            return started;
        } catch (IOException e) {
            throw new CommandNotStartedException(
                    line.get(0) + " can't be executed: " + e.getMessage(), CommandNotStartedException.NOT_EXECUTABLE);
        }
    }

    private void forwardSignals() {
        for (String name : SIGNALS) {
            if (!Signals.handle(name, () -> forward(name))) {
                LOG.debugf("SIG%s is the runtime's own, and not passed on", name);
            }
        }
    }

    private synchronized void forward(String signal) {
        if (process == null) {
            early.add(signal);
        } else {
            send(signal, process);
        }
    }

    private static void send(String signal, Process process) {
        if (signal.equals("TERM")) {
            process.destroy();
            return;
        }
        try {
            // The shell's own kill: small images have a shell, but no program of that name.
            new ProcessBuilder("/bin/sh", "-c", "kill -s \"$0\" \"$1\"", signal, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            LOG.warnf("Without /bin/sh SIG%s can't be passed on; the command gets SIGTERM instead", signal);
            process.destroy();
        }
    }
}
