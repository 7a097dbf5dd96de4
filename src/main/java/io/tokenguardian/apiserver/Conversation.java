package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.util.List;

/**
 * One HTTP/1.1 connection to one replica. While it stays open, every answer is the same replica's (unless something
 * in between takes requests apart, which no rule here relies on not happening).
 */
public interface Conversation extends AutoCloseable {

    /**
     * Asks the replica whether it accepts {@code token}, and waits for the answer within the timeouts that the API
     * server was made with. A failure is an answer too, and nothing is thrown: an interrupt ends the wait, is an
     * {@link Reply.Unreachable}, and is left set on the thread. Not to be called on an event loop.
     *
     * <p>The first call connects. After an answer that left the connection closed, the next one is
     * {@link Reply.Unreachable}: a conversation never moves to another connection.
     */
    Answer ask(Token token);

    /**
     * Asks where the replicas of the API server are, under the same terms as {@link #ask}. The connection can be used
     * again where {@link #isOpen()} says so.
     */
    default ReplicaList replicas(Token token) {
        return new ReplicaList.Unknown("the API server is not asked where its replicas are");
    }

    /**
     * Asks by a TokenReview whether the replica accepts {@code reviewed} for any of these audiences, under the same terms as
     * {@link #ask}. What it says is read as if {@code reviewed} had been sent itself: authenticated or not; {@link
     * Reply.Forbidden} where {@code bearer} may not ask.
     *
     * @param bearer the accepted token that the question is sent with
     * @param audiences empty for the API server's own
     */
    Answer review(Token bearer, Token reviewed, List<String> audiences);

    /**
     * Connects ahead of the first question, and waits for that, so that the question itself is all that is left when its
     * moment comes. A failure closes the conversation.
     */
    void connect();

    /** Whether another question can be asked. */
    boolean isOpen();

    /** Closes the connection, at once and whatever its state. */
    @Override
    void close();
}
