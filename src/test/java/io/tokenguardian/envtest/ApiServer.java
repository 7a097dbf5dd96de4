package io.tokenguardian.envtest;

import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.ClusterFiles;
import java.net.URI;

/** One kube-apiserver process. */
public final class ApiServer implements AutoCloseable {
    private final int index;
    private final int port;
    private final ClusterFiles files;
    private final Process process;
    private final Api admin;

    ApiServer(int index, int port, ClusterFiles files, Process process) {
        this.index = index;
        this.port = port;
        this.files = files;
        this.process = process;
        this.admin = new Api(files.admin(), url(), null);
    }

    int port() {
        return port;
    }

    public URI url() {
        return URI.create("https://127.0.0.1:" + port);
    }

    /** Returns a caller in the group {@code system:masters}. */
    public Api admin() {
        return admin;
    }

    /** Returns a caller with a bearer token, over HTTP/1.1. */
    public Api with(String token) {
        return new Api(files.anyone(), url(), token);
    }

    /** Returns a caller without a credential. */
    public Api anonymous() {
        return new Api(files.anyone(), url(), null);
    }

    void awaitReady() {
        await().until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("API server " + index + " ended with " + process.exitValue());
            }
            return admin.isReady();
        });
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
