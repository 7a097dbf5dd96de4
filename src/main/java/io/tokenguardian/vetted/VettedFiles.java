package io.tokenguardian.vetted;

import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.Situation;
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
 * The thread {@code vetted}, which keeps all outputs as the situations want them: at once when {@linkplain #wake woken},
 * and in any case once an interval, for a CA bundle that changes and a volume that has room again. Nothing waits for it.
 */
public final class VettedFiles implements Watched, AutoCloseable {
    /** A volume may be slow. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final List<Upkeep> outputs;
    private final LoopThread thread;

    /**
     * What the settings want to have written.
     *
     * @param proxy where the proxy is reached from this pod; null where it isn't, and no kubeconfig is wanted
     * @param source the file that the token is read from
     * @param situation what is so now with the main token; may be called from any thread
     * @param further what is so now with the further token of a name; likewise
     * @param interval how often the CA bundle is looked at, and a failure tried again; longer than zero
     */
    public static VettedFiles of(
            VettedSettings settings,
            @Nullable URI proxy,
            Path source,
            AuthorityBundle bundle,
            Supplier<Situation> situation,
            Function<String, Situation> further,
            Duration interval) {
        List<Upkeep> outputs = new ArrayList<>();
        Disk disk = new FileSystemDisk();
        if (settings.directory() != null) {
            Output directory = new ServiceAccountDirectory(
                    settings.directory(), source, bundle, settings.access(), disk, InstantSource.system());
            outputs.add(new Upkeep(directory, situation));
        }
        if (settings.kubeconfig() != null) {
            Output kubeconfig = new Kubeconfig(settings.kubeconfig(), Objects.requireNonNull(proxy), disk);
            outputs.add(new Upkeep(kubeconfig, situation));
        }
        for (VettedSettings.Copy copy : settings.copies()) {
            Output output = new TokenCopy(copy.path(), copy.source(), settings.access(), disk, InstantSource.system());
            outputs.add(new Upkeep(output, () -> further.apply(copy.name())));
        }
        return new VettedFiles(outputs, interval);
    }

    /** @param interval longer than zero */
    VettedFiles(List<Upkeep> outputs, Duration interval) {
        this.outputs = List.copyOf(outputs);
        this.thread = new LoopThread("vetted", LONGEST_TURN, () -> {
            follow();
            return interval;
        });
    }

    /** Starts the thread, once; with nothing to write there is none. */
    public void start() {
        if (!outputs.isEmpty()) {
            thread.start();
        }
    }

    /** Has the outputs follow at once; returns at once, and may be called from any thread. */
    public void wake() {
        thread.wake();
    }

    /** How it is with each output. */
    public List<VettedState> states() {
        return outputs.stream().map(Upkeep::state).toList();
    }

    /** Whether every output was complete at any time since the start; true when there is none. */
    public boolean wereEverWritten() {
        return outputs.stream().allMatch(Upkeep::wasEverWritten);
    }

    @Override
    public List<ThreadState> threads() {
        return outputs.isEmpty() ? List.of() : thread.threads();
    }

    /** Has every output follow, once. */
    void follow() {
        outputs.forEach(Upkeep::follow);
    }

    /** Ends the thread after what it is writing, and waits for that up to two seconds. */
    @Override
    public void close() {
        thread.closeAfterTurn();
        thread.join(END_WITHIN);
    }
}
