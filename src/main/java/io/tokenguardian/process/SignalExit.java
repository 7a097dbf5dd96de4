package io.tokenguardian.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes SIGTERM and SIGINT end the process with the program's own exit code instead of a JVM's 128 plus the signal's
 * number: with Argo, any exit code of a sidecar except 0, 137 and 143 can hide the step's result (docs/api-server.md,
 * Argo). On a signal, the shutdown hook of Quarkus ends the main thread's wait. The hook of this class then halts the
 * JVM with the main thread's exit code, before the JVM can exit with its own.
 */
public final class SignalExit {
    /** Longer than any orderly shutdown takes, but shorter than kubelet's grace period of 30 s. */
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(25);

    private static final CompletableFuture<Integer> CODE = new CompletableFuture<>();

    private static volatile boolean serving;

    private SignalExit() {}

    /** Until {@link #onServing}, a signal ends the process with 0 at once: no part needs an orderly shutdown yet. */
    public static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(SignalExit::halt, "exit"));
    }

    public static void onServing() {
        serving = true;
    }

    public static void onMainEnded(int code) {
        CODE.complete(code);
    }

    private static void halt() {
        if (!serving && !CODE.isDone()) {
            Runtime.getRuntime().halt(0);
        }
        try {
            Runtime.getRuntime().halt(CODE.get(SHUTDOWN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // This is not a clean shutdown, so the JVM exits with its own code.
        }
    }
}
