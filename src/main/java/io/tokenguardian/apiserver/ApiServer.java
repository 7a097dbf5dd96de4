package io.tokenguardian.apiserver;

/** The API server behind one address. The network picks one of its replicas for each connection. */
public interface ApiServer {
    /** Returns a new probe connection, which is not opened until its first request is sent. */
    ProbeConnection open();
}
