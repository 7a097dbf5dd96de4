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
import java.util.function.Function;
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

    private final List<VettedOutputState> outputs;
    private final LoopThread thread;

    /**
     * Creates the outputs that the settings request.
     *
     * @param proxy the URL of the proxy within this pod; may be null only if no kubeconfig is written
     * @param source the main token's file
     * @param audienceTokenStatus by name; like {@code tokenStatus}, may be called from any thread
     * @param timeline not the node's clock, whose steps would change durations
     */
    public static VettedFiles of(
            VettedSettings settings,
            @Nullable URI proxy,
            Path source,
            CaBundle bundle,
            Supplier<TokenStatus> tokenStatus,
            Function<String, TokenStatus> audienceTokenStatus,
            InstantSource timeline) {
        List<VettedOutputState> outputs = new ArrayList<>();
        Disk disk = new Disk();
        if (settings.directory() != null) {
            VettedOutput directory = new ServiceAccountDirectory(
                    settings.directory(), source, bundle, settings.content(), settings.access(), disk, timeline);
            outputs.add(new VettedOutputState(directory, tokenStatus));
        }
        if (settings.kubeconfig() != null) {
            VettedOutput kubeconfig = new ProxyKubeconfig(settings.kubeconfig(), Objects.requireNonNull(proxy), disk);
            outputs.add(new VettedOutputState(kubeconfig, tokenStatus));
        }
        for (VettedSettings.Copy copy : settings.copies()) {
            VettedOutput output = new TokenCopy(copy.path(), copy.source(), settings.access(), disk, timeline);
            outputs.add(new VettedOutputState(output, () -> audienceTokenStatus.apply(copy.name())));
        }
        return new VettedFiles(outputs, TokenWatch.POLL_INTERVAL);
    }

    /** @param interval how often the CA bundle is read and a failed write is retried; longer than zero */
    VettedFiles(List<VettedOutputState> outputs, Duration interval) {
        this.outputs = List.copyOf(outputs);
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

    public List<VettedState> states() {
        return outputs.stream().map(VettedOutputState::state).toList();
    }

    /** Whether every output has been complete at some point since the start; true without outputs. */
    public boolean haveAllBeenWritten() {
        return outputs.stream().allMatch(VettedOutputState::wasEverWritten);
    }

    @Override
    public List<ThreadState> threads() {
        return outputs.isEmpty() ? List.of() : thread.threads();
    }

    void update() {
        outputs.forEach(VettedOutputState::update);
    }

    /** Ends the thread after the current update, and waits at most two seconds for it to end. */
    @Override
    public void close() {
        thread.closeAfterTurn();
        thread.join(END_WITHIN);
    }
}
