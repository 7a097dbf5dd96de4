package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.Conversation;
import io.tokenguardian.apiserver.ForwardingConversation;
import io.tokenguardian.apiserver.Reply;
import io.tokenguardian.token.Token;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The API server, asked about a token by TokenReviews which are sent with another one: what it says is read as it would be of
 * a request with the token itself, so that all the rules of the main token hold.
 */
final class ReviewingApiServer implements ApiServer {
    private final ApiServer apiServer;
    private final Supplier<@Nullable Token> bearer;
    private final List<String> audiences;
    private final ReviewPermission permission;
    private final InstantSource timeline;

    /**
     * @param bearer the accepted token to ask with; null while there is none
     * @param audiences empty for those that each token claims
     */
    ReviewingApiServer(
            ApiServer apiServer,
            Supplier<@Nullable Token> bearer,
            List<String> audiences,
            ReviewPermission permission,
            InstantSource timeline) {
        this.apiServer = apiServer;
        this.bearer = bearer;
        this.audiences = List.copyOf(audiences);
        this.permission = permission;
        this.timeline = timeline;
    }

    @Override
    public Conversation open() {
        return new Reviewing(apiServer.open());
    }

    @Override
    public Conversation open(int turn) {
        return new Reviewing(apiServer.open(turn));
    }

    @Override
    public Replicas replicas() {
        return apiServer.replicas();
    }

    private final class Reviewing extends ForwardingConversation {
        Reviewing(Conversation conversation) {
            super(conversation);
        }

        @Override
        public Answer ask(Token token) {
            Token accepted = bearer.get();
            if (accepted == null) {
                Reply none = new Reply.Unavailable("no token is accepted that the question could be sent with", null);
                return new Answer("-", none, null, timeline.instant(), timeline.instant(), null);
            }
            Answer answer =
                    review(accepted, token, audiences.isEmpty() ? token.claims().audience() : audiences);
            if (answer.reply() instanceof Reply.Forbidden) {
                permission.forbidden(answer.receivedAt());
            } else if (!(answer.reply() instanceof Reply.Unavailable || answer.reply() instanceof Reply.Unreachable)) {
                permission.allowed();
            }
            return answer;
        }
    }
}
