package io.tokenguardian.cli;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.FurtherToken;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.vetted.VettedSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The settings {@code guardian.*}, read and checked. Each can also be given as environment variable, such as
 * {@code GUARDIAN_TOKEN_PATH} for {@code guardian.token.path}.
 */
record Settings(
        TokenFile token,
        ApiServer apiServer,
        Readiness readiness,
        Retry retry,
        Wait waiting,
        ProxySettings proxy,
        VettedSettings vetted,
        Kubernetes kubernetes,
        List<FurtherToken.Source> furtherTokens) {

    /**
     * @param furtherTokens {@code guardian.tokens.NAME.path} and {@code .audiences}: tokens for other audiences, in the order of
     *     their names; default none, and the audiences that the token claims
     */
    Settings {
        furtherTokens = List.copyOf(furtherTokens);
    }

    /**
     * @param path {@code guardian.token.path}: the projected token; default
     *     {@code /var/run/secrets/kubernetes.io/serviceaccount/token}
     * @param pollInterval {@code guardian.token.poll-interval}: how often the file is read when no change is seen, from
     *     10 ms to 1 h; default 1 s
     */
    record TokenFile(Path path, Duration pollInterval) {}

    /**
     * @param address {@code guardian.api-server.url} and {@code .server-name}: where the API server is, and the name its
     *     certificate must bear; default {@code https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT} and its host
     * @param ca {@code guardian.api-server.ca}: its CA certificates in PEM; default {@code ca.crt} beside the token
     * @param leeway {@code guardian.api-server.leeway}: how far it lets a token's times be off its clock, from 0 to 1 h;
     *     default 60 s, as in every release (docs/api-server.md, Token validity)
     * @param discoverReplicas {@code guardian.api-server.discover-replicas}: whether each replica is asked by its own
     *     address; default false
     */
    record ApiServer(ApiServerAddress address, Path ca, Duration leeway, boolean discoverReplicas) {}

    /**
     * @param confirmations {@code guardian.readiness.confirmations}: how many fresh connections in a row must be
     *     accepted, from 1 to 100; default 3
     */
    record Readiness(int confirmations) {}

    /**
     * @param youngToken {@code guardian.retry.young-token}: up to this age a refusal without explanation is asked about
     *     once more, from 0 to 1 h; default 10 s
     */
    record Retry(Duration youngToken) {}

    /**
     * @param timeout {@code guardian.wait.timeout}: how long {@code wait} waits, from 0 to 24 h; default 5 min
     */
    record Wait(Duration timeout) {}

    /**
     * @param podCondition {@code guardian.kubernetes.pod-condition}: whether the condition
     *     {@code token-guardian.io/TokenAccepted} is kept on the pod; default false
     * @param events {@code guardian.kubernetes.events}: whether what becomes of the token is told as events of the pod;
     *     default false
     */
    record Kubernetes(boolean podCondition, boolean events) {}
}
