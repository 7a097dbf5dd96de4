package io.tokenguardian.cli;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Ends the guardian that serves in this pod, by sending {@code POST /quit} to its local listener. */
@Singleton
final class QuitRequest {
    /** The pause between attempts while no program is listening. */
    private static final Duration GAP = Duration.ofMillis(100);

    private final LocalListener listener;
    private final LongSupplier nanoTime;

    @Inject
    QuitRequest(LocalListener listener) {
        this(listener, System::nanoTime);
    }

    QuitRequest(LocalListener listener, LongSupplier nanoTime) {
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    void send() throws IOException {
        listener.send("POST /quit");
    }

    /** Retries for {@code patience}, unless {@code hurried}, while no program listens: the guardian may be starting. */
    void send(Duration patience, BooleanSupplier hurried) throws IOException, InterruptedException {
        long start = nanoTime.getAsLong();
        while (true) {
            try {
                send();
                return;
            } catch (LocalListener.NobodyListensException e) {
                if (hurried.getAsBoolean() || nanoTime.getAsLong() - start > patience.toNanos()) {
                    throw e;
                }
                Thread.sleep(GAP.toMillis());
            }
        }
    }
}
