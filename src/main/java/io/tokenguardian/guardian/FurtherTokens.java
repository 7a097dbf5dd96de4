package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.token.TokenFile;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.Terms;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * The tokens that are guarded beside the main one, for other audiences: each with a watch of its file on the thread {@code
 * token-watch-NAME}, and a guardian on the thread {@code guardian-NAME}, so that one that waits for an answer holds up no
 * other. The main one waits for none of them.
 */
public final class FurtherTokens implements Watched, AutoCloseable {
    private final List<Guard> guards;

    private record Guard(FurtherToken.Source source, Guardian guardian, GuardianLoop loop, TokenWatch watch) {
        static Guard of(
                FurtherToken.Source source, FurtherInquiries inquiries, Timeline timeline, Duration pollInterval) {
            Guardian guardian = inquiries.guardian(source);
            guardian.onSituation(new Story(timeline, source.name()));
            GuardianLoop loop = new GuardianLoop(guardian, timeline, "guardian-" + source.name());
            String watchName = "token-watch-" + source.name();
            TokenWatch watch = new TokenWatch(watchName, new TokenFile(source.path()), pollInterval, reading -> {
                guardian.read(reading);
                loop.wake();
            });
            return new Guard(source, guardian, loop, watch);
        }

        FurtherToken token() {
            return new FurtherToken(source.name(), source.path(), guardian.situation());
        }
    }

    /**
     * @param main the guardian of the main token, which lends its clocks and its token
     * @param chance see {@link Guardian}
     * @param pollInterval how often each file is read when no change is seen
     */
    public FurtherTokens(
            List<FurtherToken.Source> sources,
            Guardian main,
            ApiServer apiServer,
            Terms.Rules rules,
            Timeline timeline,
            DoubleSupplier chance,
            Duration pollInterval) {
        FurtherInquiries inquiries = new FurtherInquiries(apiServer, rules, timeline, chance, main::situation);
        this.guards = sources.stream()
                .map(source -> Guard.of(source, inquiries, timeline, pollInterval))
                .toList();
        main.onSituation(news -> wake());
        inquiries.permission().onChange(this::wake);
    }

    private void wake() {
        guards.forEach(guard -> guard.loop().wake());
    }

    /** Starts the threads, once. */
    public void start() {
        guards.forEach(guard -> {
            guard.loop().start();
            guard.watch().start();
        });
    }

    @Override
    public List<ThreadState> threads() {
        return guards.stream()
                .flatMap(guard -> Stream.<Watched>of(guard.loop(), guard.watch()))
                .flatMap(watched -> watched.threads().stream())
                .toList();
    }

    /** What is known of each, in the order of their settings. */
    public List<FurtherToken> all() {
        return guards.stream().map(Guard::token).toList();
    }

    /** Has {@code listener} called with each situation of any of them, on its thread: it must return at once. */
    public void onSituation(Consumer<Situation> listener) {
        guards.forEach(guard -> guard.guardian().onSituation(listener));
    }

    /** What is known of the one of that name, which there is. */
    public Situation situation(String name) {
        return guards.stream()
                .filter(guard -> guard.source().name().equals(name))
                .findFirst()
                .orElseThrow()
                .guardian()
                .situation();
    }

    /** Ends the threads. */
    @Override
    public void close() {
        guards.forEach(guard -> {
            guard.watch().close();
            guard.loop().close();
        });
    }
}
