package io.tokenguardian.vetted;

import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.TokenWatch;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@code vetted} thread, which updates all outputs when {@linkplain #wake woken}. It also runs once per interval,
 * because the CA bundle may have changed, or a full volume may have space again.
 */
public final class VettedFiles implements Watched, AutoCloseable {
    /** Generous, because a volume may be slow. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final List<VettedOutput> outputs;
    private final Supplier<TokenStatus> tokenStatus;
    private final LoopThread thread;

    /**
     * Creates the outputs that the settings request.
     *
     * @param proxy the URL of the proxy within this pod; may be null only if no kubeconfig is written
     * @param source the token's file
     * @param tokenStatus may be called from any thread
     * @param timeline not the node's clock, whose steps would change durations
     */
    public static VettedFiles of(
            VettedSettings settings,
            @Nullable URI proxy,
            Path source,
            CaBundle bundle,
            Supplier<TokenStatus> tokenStatus,
            InstantSource timeline) {
        List<VettedOutput> outputs = new ArrayList<>();
        Disk disk = new Disk();
        if (settings.directory() != null) {
            outputs.add(new ServiceAccountDirectory(
                    settings.directory(), source, bundle, settings.content(), settings.access(), disk, timeline));
        }
        if (settings.kubeconfig() != null) {
            outputs.add(new ProxyKubeconfig(settings.kubeconfig(), Objects.requireNonNull(proxy), disk));
        }
        return new VettedFiles(outputs, tokenStatus, TokenWatch.POLL_INTERVAL);
    }

    /** @param interval how often the CA bundle is read and a failed write is retried; longer than zero */
    VettedFiles(List<VettedOutput> outputs, Supplier<TokenStatus> tokenStatus, Duration interval) {
        this.outputs = outputs;
        this.tokenStatus = tokenStatus;
        this.thread = new LoopThread("vetted", LONGEST_TURN, () -> {
            update();
            return interval;
        });
    }

    /** Call this only once. Does nothing without outputs. */
    public void start() {
        if (!outputs.isEmpty()) {
            thread.start();
        }
    }

    /** Returns at once. May be called from any thread. */
    public void wake() {
        thread.wake();
    }

    /** The state of each output, in one line for a person that names the file or directory. */
    public List<String> states() {
        return outputs.stream().map(VettedOutput::state).toList();
    }

    /** Whether every output has been complete at some point since the start; true without outputs. */
    public boolean haveAllBeenWritten() {
        return outputs.stream().allMatch(VettedOutput::wasEverWritten);
    }

    @Override
    public List<ThreadState> threads() {
        return outputs.isEmpty() ? List.of() : thread.threads();
    }

    void update() {
        TokenStatus current = tokenStatus.get();
        outputs.forEach(output -> output.updateState(current));
    }

    /** Ends the thread after the current update, and waits at most two seconds for it to end. */
    @Override
    public void close() {
        thread.closeAfterTurn();
        thread.join(END_WITHIN);
    }
}
