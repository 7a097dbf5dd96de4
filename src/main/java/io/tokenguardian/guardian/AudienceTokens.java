package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.token.TokenFile;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.TokenTerms;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Stream;

/** Guards the audience tokens, each with its own threads, so that none delays another or the main token. */
public final class AudienceTokens implements Watched, AutoCloseable {
    private final List<Guard> guards;

    private record Guard(AudienceToken.Source source, Guardian guardian, GuardianLoop loop, TokenWatch watch) {
        static Guard of(AudienceToken.Source source, AudienceGuardianFactory factory, Timeline timeline) {
            Guardian guardian = factory.guardian(source);
            GuardianLoop loop = new GuardianLoop(guardian, timeline, factory.chance(), "guardian-" + source.name());
            String watchName = "token-watch-" + source.name();
            TokenWatch watch = new TokenWatch(watchName, new TokenFile(source.path()), loop::submit);
            return new Guard(source, guardian, loop, watch);
        }

        AudienceToken token() {
            return new AudienceToken(source.name(), source.path(), guardian.tokenStatus());
        }
    }

    /** {@code main} provides the clocks, and the token that authenticates TokenReviews. */
    public AudienceTokens(
            List<AudienceToken.Source> sources,
            Guardian main,
            ApiServer apiServer,
            TokenTerms.AcceptancePolicy policy,
            Timeline timeline,
            DoubleSupplier chance) {
        ReviewPermission permission = new ReviewPermission(chance);
        AudienceGuardianFactory factory = new AudienceGuardianFactory(
                apiServer, policy, timeline, chance, main::tokenStatus, main::clocks, permission);
        this.guards = sources.stream()
                .map(source -> Guard.of(source, factory, timeline))
                .toList();
        // The clocks and the token that authenticates the reviews change with the main token's status.
        main.onTokenStatus(tokenStatus -> wake());
        permission.onChange(this::wake);
    }

    private void wake() {
        guards.forEach(guard -> guard.loop().wake());
    }

    /** Starts the threads. Call this only once. */
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

    /** Returns the audience tokens with their current status, in the order of the settings. */
    public List<AudienceToken> all() {
        return guards.stream().map(Guard::token).toList();
    }

    /** As {@link Guardian#onTokenStatus}, for all audience tokens. */
    public void onTokenStatus(Consumer<TokenStatus> listener) {
        guards.forEach(guard -> guard.guardian().onTokenStatus(listener));
    }

    /** As {@link Guardian#onChange}; {@code listenerOf} creates the listener for a token's name. */
    public void onChange(Function<String, Consumer<TokenStatus>> listenerOf) {
        guards.forEach(guard ->
                guard.guardian().onChange(listenerOf.apply(guard.source().name())));
    }

    /** Returns the status of the audience token {@code name}, which must exist. */
    public TokenStatus tokenStatus(String name) {
        return guards.stream()
                .filter(guard -> guard.source().name().equals(name))
                .findFirst()
                .orElseThrow()
                .guardian()
                .tokenStatus();
    }

    @Override
    public void close() {
        guards.forEach(guard -> {
            guard.watch().close();
            guard.loop().close();
        });
    }
}
