package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.util.List;

/** A conversation over another one's connection: what a subclass does not do in its own way is done by that one. */
public abstract class ForwardingConversation implements Conversation {
    private final Conversation conversation;

    protected ForwardingConversation(Conversation conversation) {
        this.conversation = conversation;
    }

    @Override
    public Answer ask(Token token) {
        return conversation.ask(token);
    }

    @Override
    public ReplicaList replicas(Token token) {
        return conversation.replicas(token);
    }

    @Override
    public Answer review(Token bearer, Token reviewed, List<String> audiences) {
        return conversation.review(bearer, reviewed, audiences);
    }

    @Override
    public void connect() {
        conversation.connect();
    }

    @Override
    public boolean isOpen() {
        return conversation.isOpen();
    }

    @Override
    public void close() {
        conversation.close();
    }
}
