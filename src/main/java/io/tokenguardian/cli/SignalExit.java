package io.tokenguardian.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes SIGTERM and SIGINT end the process in order and with the program's own code. A JVM would exit with 128 + n, and
 * for Argo any code of a sidecar but 0, 137 and 143 can mask the step's result (docs/api-server.md, Argo).
 *
 * <p>A signal has the JVM run its shutdown hooks; Quarkus's ends the main thread's wait. The hook here waits for the
 * main thread to come to its end, and halts with the code it came with before the JVM can choose its own.
 */
final class SignalExit {
    /** Longer than any orderly end takes, shorter than kubelet's grace period of 30 s. */
    private static final Duration LONGEST_END = Duration.ofSeconds(25);

    private static final CompletableFuture<Integer> CODE = new CompletableFuture<>();

    private static volatile boolean serving;

    private SignalExit() {}

    /**
     * From now on a signal ends the process with 0 at once, until it {@linkplain #serving serves}: there is nothing yet to
     * be ended in order. Then it does with the code that the main thread {@linkplain #ended ends} with.
     */
    static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(SignalExit::halt, "exit"));
    }

    /** Says that the main thread has something to end in order. */
    static void serving() {
        serving = true;
    }

    /** Says that the main thread is done, with this code. */
    static void ended(int code) {
        CODE.complete(code);
    }

    private static void halt() {
        if (!serving && !CODE.isDone()) {
            Runtime.getRuntime().halt(ExitCode.ACCEPTED);
        }
        try {
            Runtime.getRuntime().halt(CODE.get(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // The end is not in order: the JVM's own code says so.
        }
    }
}
