package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ForwardingProbeConnection;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.token.Token;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes a token with TokenReviews; the results have the same form as for a request with that token. {@code bearer}
 * supplies the token that authenticates them; null while none is accepted. If {@code audiences} is empty, the audiences
 * that the token claims are checked.
 */
record ReviewingApiServer(
        ApiServer apiServer,
        Supplier<@Nullable Token> bearer,
        List<String> audiences,
        ReviewPermission permission,
        InstantSource timeline)
        implements ApiServer {
    ReviewingApiServer {
        audiences = List.copyOf(audiences);
    }

    @Override
    public ProbeConnection open() {
        return new Reviewing(apiServer.open());
    }

    @Override
    public List<ApiServer> round() {
        return apiServer.round().stream()
                .<ApiServer>map(each -> () -> new Reviewing(each.open()))
                .toList();
    }

    @Override
    public Replicas replicas() {
        return apiServer.replicas();
    }

    private final class Reviewing extends ForwardingProbeConnection {
        Reviewing(ProbeConnection probeConnection) {
            super(probeConnection);
        }

        /** Does nothing, because only missing responses to probes of the main token make a replica silent. */
        @Override
        public void reportSilence() {}

        @Override
        public CompletableFuture<ProbeResult> probe(Token token) {
            Token accepted = bearer.get();
            if (accepted == null) {
                ProbeOutcome none =
                        new ProbeOutcome.Unavailable("no accepted token that could authenticate the TokenReview", null);
                return CompletableFuture.completedFuture(new ProbeResult(
                        address(), none, null, List.of(), timeline.instant(), timeline.instant(), null));
            }
            permission.onSent(timeline.instant());
            return reviewToken(
                            accepted,
                            token,
                            audiences.isEmpty() ? token.claims().audience() : audiences)
                    .thenApply(this::noted);
        }

        private ProbeResult noted(ProbeResult answer) {
            if (answer.outcome() instanceof ProbeOutcome.Forbidden) {
                permission.forbidden(answer.receivedAt());
            } else if (!(answer.outcome() instanceof ProbeOutcome.Unavailable
                    || answer.outcome() instanceof ProbeOutcome.Unreachable)) {
                permission.onAllowed();
            }
            return answer;
        }
    }
}
