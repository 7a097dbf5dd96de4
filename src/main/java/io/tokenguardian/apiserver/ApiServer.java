package io.tokenguardian.apiserver;

/** The API server behind one address, which may be several replicas of which the network picks one a connection. */
public interface ApiServer {

    /** A conversation over a connection of its own, which is made when the first question is asked. */
    Conversation open();
}
