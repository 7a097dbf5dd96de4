package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Simultaneous requests for the list. */
class DiscoveringApiServerTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ApiServerAddress ONE = new ApiServerAddress("10.0.0.1", 6443, "kubernetes");
    private static final ApiServerAddress OTHER = new ApiServerAddress("10.0.0.2", 6443, "kubernetes");

    private final Token token = TestTokens.issuedAt(NOON).token();
    private final Deque<CompletableFuture<ReplicaList>> responses = new ArrayDeque<>();
    private final DiscoveringApiServer apiServer =
            new DiscoveringApiServer(Connection::new, address -> Connection::new, () -> NOON);

    /** The outcome of each probe. */
    private ProbeOutcome outcome = new ProbeOutcome.Authenticated("somebody");

    @Test
    void aListThatArrivesAfterALaterListIsDropped() {
        CompletableFuture<ReplicaList> first = request();
        CompletableFuture<ReplicaList> second = request();

        second.complete(new ReplicaList.Known(List.of(ONE, OTHER)));
        first.complete(new ReplicaList.Known(List.of(ONE)));

        assertThat(apiServer.discovered()).containsExactly(ONE, OTHER);
    }

    @Test
    void aLaterListReplacesThePreviousList() {
        CompletableFuture<ReplicaList> first = request();
        CompletableFuture<ReplicaList> second = request();

        first.complete(new ReplicaList.Known(List.of(ONE)));
        second.complete(new ReplicaList.Known(List.of(OTHER)));

        assertThat(apiServer.discovered()).containsExactly(OTHER);
    }

    @Test
    void anAcceptanceWaitsForTheListThatItHasRequested() {
        CompletableFuture<ReplicaList> list = new CompletableFuture<>();
        responses.add(list);
        ProbeConnection connection = apiServer.open();
        CompletableFuture<ProbeResult> result = connection.probe(token);
        assertThat(result).isNotDone();
        assertThat(connection.hasAccepted()).isTrue();

        list.complete(new ReplicaList.Known(List.of(ONE)));

        assertThat(result).isCompleted();
    }

    @Test
    void anUnreachableResultDoesNotWaitForAList() {
        request().complete(new ReplicaList.Known(List.of(ONE)));
        apiServer.invalidateList();
        outcome = new ProbeOutcome.Unreachable("no connection");
        responses.add(new CompletableFuture<>());

        CompletableFuture<ProbeResult> result = apiServer.round().get(0).open().probe(token);

        assertThat(result).isCompleted();
        assertThat(responses).isEmpty();
    }

    /** Causes a request for the list, and returns the future of its response. */
    private CompletableFuture<ReplicaList> request() {
        CompletableFuture<ReplicaList> response = new CompletableFuture<>();
        responses.add(response);
        apiServer.invalidateList();
        assertThat(apiServer.open().probe(token)).isNotNull();
        assertThat(responses).isEmpty();
        return response;
    }

    private final class Connection implements ProbeConnection {
        @Override
        public CompletableFuture<ProbeResult> probe(Token probed) {
            return CompletableFuture.completedFuture(
                    new ProbeResult(address(), outcome, null, List.of(), NOON, NOON, NOON));
        }

        @Override
        public CompletableFuture<ReplicaList> listReplicas(Token bearer) {
            return responses.remove();
        }

        @Override
        public CompletableFuture<ProbeResult> reviewToken(Token bearer, Token reviewed, List<String> audiences) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String address() {
            return "kubernetes:443";
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
