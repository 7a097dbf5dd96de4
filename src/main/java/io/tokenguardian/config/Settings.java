package io.tokenguardian.config;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.AudienceToken;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.vetted.VettedSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The settings {@code guardian.*}, read and checked. Each can also be given as an environment variable, such as
 * {@code GUARDIAN_TOKEN_PATH} for {@code guardian.token.path}.
 */
public record Settings(
        TokenFile token,
        ApiServer apiServer,
        Readiness readiness,
        Retry retry,
        Wait waiting,
        ProxySettings proxy,
        VettedSettings vetted,
        Kubernetes kubernetes,
        List<AudienceToken.Source> audienceTokens) {

    /**
     * Copies the list.
     *
     * @param audienceTokens {@code guardian.tokens.NAME.path} and {@code .audiences}: the tokens for other audiences,
     *     ordered by name; default none. The audiences default to those that the token claims
     */
    public Settings {
        audienceTokens = List.copyOf(audienceTokens);
    }

    /**
     * The main token.
     *
     * @param path {@code guardian.token.path}: the projected token; default
     *     {@code /var/run/secrets/kubernetes.io/serviceaccount/token}
     * @param pollInterval {@code guardian.token.poll-interval}: how often the file is read when no change is seen, from
     *     10 ms to 1 h; default 1 s
     */
    public record TokenFile(Path path, Duration pollInterval) {}

    /**
     * The API server.
     *
     * @param address {@code guardian.api-server.url} and {@code .server-name}: the API server's URL, and the name in
     *     its certificate; default {@code https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT} and its host
     * @param ca {@code guardian.api-server.ca}: its CA certificates in PEM; default {@code ca.crt} beside the token
     * @param leeway {@code guardian.api-server.leeway}: how far a token's times may be off the API server's clock, from
     *     0 to 1 h; default 60 s, as in every release (docs/api-server.md, Token validity)
     * @param discoverReplicas {@code guardian.api-server.discover-replicas}: whether to probe each replica at its own
     *     address; default false
     */
    public record ApiServer(ApiServerAddress address, Path ca, Duration leeway, boolean discoverReplicas) {}

    /**
     * When a token counts as accepted.
     *
     * @param confirmations {@code guardian.readiness.confirmations}: on how many new connections in a row the token
     *     must be accepted, from 1 to 100; default 3
     */
    public record Readiness(int confirmations) {}

    /**
     * Which refusals are checked again.
     *
     * @param youngToken {@code guardian.retry.young-token}: up to this age of a token, an unexplained refusal is
     *     checked once more, from 0 to 1 h; default 10 s
     */
    public record Retry(Duration youngToken) {}

    /**
     * The commands that wait.
     *
     * @param timeout {@code guardian.wait.timeout}: for {@code wait} and {@code exec}, from 0 to 24 h; default 5 min
     */
    public record Wait(Duration timeout) {}

    /**
     * What is written to Kubernetes.
     *
     * @param podCondition {@code guardian.kubernetes.pod-condition}: whether to set the condition
     *     {@code token-guardian.io/TokenAccepted} on the pod; default false
     * @param events {@code guardian.kubernetes.events}: whether to report changes of the verdict as events of the pod;
     *     default false
     */
    public record Kubernetes(boolean podCondition, boolean events) {}
}
