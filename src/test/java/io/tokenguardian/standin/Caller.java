package io.tokenguardian.standin;

import io.tokenguardian.HangDetector;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client of a stand-in, based on the JDK's HTTP client. */
final class Caller {

    private final SSLContext tls;
    private final HttpClient client;

    Caller(StandInApiServer server) {
        this(Certificates.trusting(server.caPem()));
    }

    private Caller(SSLContext tls) {
        this.tls = tls;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .build();
    }

    /** A client that presents {@code certificate} if the server requests a certificate. */
    static Caller with(StandInApiServer server, StandInApiServer.ClientCertificate certificate) {
        return new Caller(Certificates.trusting(server.caPem(), new OneKey(certificate)));
    }

    /** Opens a TLS connection to {@code port}, without sending any HTTP. */
    SSLSocket socket(int port) throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(HangDetector.millis());
        socket.startHandshake();
        return socket;
    }

    HttpResponse<String> get(URI base, String path, @Nullable String token) throws Exception {
        return send(base, "GET", path, token, null);
    }

    HttpResponse<String> send(URI base, String method, String path, @Nullable String token, @Nullable String body)
            throws Exception {
        return send(request(base, path, token)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, BodyHandlers.ofString());
    }

    static HttpRequest.Builder request(URI base, String path, @Nullable String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(HangDetector.TIMEOUT);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    HttpClient client() {
        return client;
    }
}
