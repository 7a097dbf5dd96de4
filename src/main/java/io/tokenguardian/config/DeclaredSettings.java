package io.tokenguardian.config;

import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.vetted.VettedSettings.TokenContent;
import java.net.InetAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** All {@code guardian.*} settings, each declared once, and the Quarkus settings that matter in a pod. */
final class DeclaredSettings {
    private static final List<Setting<?>> DECLARED = new ArrayList<>();

    private static final Format<Duration> UP_TO_AN_HOUR = Format.duration(Duration.ZERO, Duration.ofHours(1));
    private static final Format<Duration> UP_TO_A_DAY = Format.duration(Duration.ZERO, Duration.ofDays(1));

    private static final Format<Long> BYTES =
            Format.of("is a number of bytes, such as 512K or 3M, and at most 16M", text -> {
                long bytes = new MemorySizeConverter().convert(text).asLongValue();
                return bytes < 0 || bytes > ProxySettings.REPLAY_TOTAL ? null : bytes;
            });

    static final Setting<Boolean> DISABLED = withDefault(
            "guardian.disabled",
            "false",
            Format.BOOLEAN,
            "`true` turns the guardian off in an emergency: nothing waits, and nothing is probed; see [Off](#off)");

    static final Setting<Path> TOKEN_PATH = withDefault(
            "guardian.token.path",
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
            Format.PATH,
            "the file of the projected token");

    static final Setting<String> API_SERVER_URL = optional(
            "guardian.api-server.url",
            "`https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT`",
            Format.TEXT,
            "the URL of the API server");

    static final Setting<Path> API_SERVER_CA = optional(
            "guardian.api-server.ca",
            "`ca.crt` beside the token",
            Format.PATH,
            "the file of the API server's CA certificates, in PEM; it is read again when it changes");

    static final Setting<String> API_SERVER_SERVER_NAME = optional(
            "guardian.api-server.server-name",
            "the host of the URL",
            Format.TEXT,
            "the name that the API server's certificate must have");

    static final Setting<Duration> API_SERVER_LEEWAY = withDefault(
            "guardian.api-server.leeway",
            "60s",
            UP_TO_AN_HOUR,
            "the leeway that the API server allows for the token's `nbf`, `iat` and `exp`");

    static final Setting<Boolean> API_SERVER_DISCOVER_REPLICAS = withDefault(
            "guardian.api-server.discover-replicas",
            "false",
            Format.BOOLEAN,
            "whether to probe each replica at its own address, and to send requests to the replicas that accept"
                    + " the token; \"accepted\" then means accepted by every replica; needs `k8s/rbac/discovery`");

    static final Setting<Integer> READINESS_CONFIRMATIONS = withDefault(
            "guardian.readiness.confirmations",
            "3",
            Format.integer(1, 100),
            "the minimum number of consecutive new connections on which the token must be accepted; for a fresh"
                    + " token, more connections follow until it is unlikely that a replica was missed");

    static final Setting<AcceptedBy> READINESS_ACCEPTED_BY = withDefault(
            "guardian.readiness.accepted-by",
            "every",
            Format.word(List.of(AcceptedBy.EVERY, AcceptedBy.ANY)),
            "which replicas must accept the token for `started`, `ready`, the pod's condition, `wait` and `exec`:"
                    + " `every` known replica, or `any` replica, for apps that use only the proxy");

    static final Setting<Duration> WAIT_TIMEOUT = withDefault(
            "guardian.wait.timeout", "5m", UP_TO_A_DAY, "how long `wait` and `exec` wait for an accepted token");

    static final Setting<Boolean> PROXY_ENABLED = withDefault(
            "guardian.proxy.enabled",
            "true",
            Format.BOOLEAN,
            "whether the proxy runs; `false` for a guardian that only observes, as in `k8s/observer`");

    static final Setting<InetAddress> PROXY_HOST = withDefault(
            "guardian.proxy.host", "127.0.0.1", Format.IP_ADDRESS, "the address on which the proxy listens");

    static final Setting<Integer> PROXY_PORT = withDefault(
            "guardian.proxy.port",
            "8001",
            Format.integer(0, 65_535),
            "the TCP port on which the proxy listens; 0 for any free port");

    static final Setting<Path> PROXY_UNIX_SOCKET = optional(
            "guardian.proxy.unix-socket",
            "none",
            Format.PATH,
            "a Unix socket with mode 0660 on which the proxy listens; it replaces the TCP port, unless that port is"
                    + " set too");

    static final Setting<Duration> PROXY_HOLD_TIMEOUT = withDefault(
            "guardian.proxy.hold-timeout", "3m", UP_TO_A_DAY, "how long a request waits for a usable token");

    static final Setting<Long> PROXY_REPLAY_LIMIT = withDefault(
            "guardian.proxy.replay-limit",
            "3M",
            BYTES,
            "how many bytes of a request's body are kept for a retry, until the response begins");

    static final Setting<List<String>> PROXY_ACCEPT_HOSTS = withDefault(
            "guardian.proxy.accept-hosts",
            "localhost,127.0.0.1,[::1]",
            Format.HOSTS,
            "the `Host` of a request must be one of these names, with any port; see [Hosts](#hosts)");

    static final Setting<AuthorizationPolicy> PROXY_AUTHORIZATION = withDefault(
            "guardian.proxy.authorization",
            "replace",
            Format.word(AuthorizationPolicy.class),
            "what happens to a caller's own `Authorization` header: `replace` it, `keep` it, or `reject` the request");

    static final Setting<Integer> IN_CLUSTER_PORT = optional(
            "guardian.in-cluster.port",
            "none",
            Format.integer(0, 65_535),
            "the port, on `guardian.proxy.host`, of a TLS listener for in-cluster clients; 0 for any free port; see"
                    + " [In-cluster clients](#in-cluster-clients)");

    static final Setting<Path> IN_CLUSTER_DIRECTORY = optional(
            "guardian.in-cluster.directory",
            "none; needed with the port",
            Format.PATH,
            "the directory for the in-cluster listener's CA certificate and key; for the guardian only, not for the"
                    + " app");

    static final Setting<Path> VETTED_DIRECTORY = optional(
            "guardian.vetted.directory",
            "none",
            Format.PATH,
            "where `token`, `ca.crt` and `namespace` are written for an app that reads files");

    static final Setting<TokenContent> VETTED_TOKEN = withDefault(
            "guardian.vetted.token",
            "accepted",
            Format.word(TokenContent.class),
            "what the file `token` contains: an `accepted` token; a `usable` token, which some replica accepts; or"
                    + " a `placeholder`, the token's claims without its signature, written at once, for apps that"
                    + " use the proxy");

    static final Setting<Path> VETTED_KUBECONFIG = optional(
            "guardian.vetted.kubeconfig",
            "none",
            Format.PATH,
            "where to write a kubeconfig that points to the proxy and contains no secret, for `KUBECONFIG=`");

    static final Setting<Set<PosixFilePermission>> VETTED_MODE = optional(
            "guardian.vetted.mode",
            "`0640`, but no wider than the source's mode",
            Format.MODE,
            "the octal mode of the token files that the guardian writes");

    static final Setting<Path> TOKENS_PATH = optional(
            "guardian.tokens.NAME.path",
            "none",
            Format.PATH,
            "the file of a token for another audience; NAME is up to 63 lower-case letters and digits, with `-`"
                    + " between them");

    static final Setting<List<String>> TOKENS_AUDIENCES = optional(
            "guardian.tokens.NAME.audiences",
            "the audiences that the token claims",
            Format.AUDIENCES,
            "the audiences, separated by commas; the token must be for at least one of them");

    static final Setting<Path> TOKENS_VETTED = optional(
            "guardian.tokens.NAME.vetted",
            "none",
            Format.PATH,
            "where the vetted copy of the token is written; `guardian.vetted.mode` applies");

    static final Setting<Boolean> KUBERNETES_POD_CONDITION = withDefault(
            "guardian.kubernetes.pod-condition",
            "false",
            Format.BOOLEAN,
            "whether to set the `token-guardian.io/TokenAccepted` condition on the pod; needs"
                    + " `k8s/rbac/pod-condition`");

    static final Setting<Boolean> KUBERNETES_EVENTS = withDefault(
            "guardian.kubernetes.events",
            "false",
            Format.BOOLEAN,
            "whether to report changes to the verdict as events of the pod; needs `k8s/rbac/events`");

    static final List<Setting<?>> OF_EACH_AUDIENCE_TOKEN = List.of(TOKENS_PATH, TOKENS_AUDIENCES, TOKENS_VETTED);

    static final Setting<String> LOCAL_HOST = ofQuarkus(
            "quarkus.http.host",
            "127.0.0.1",
            Format.TEXT,
            "the listening address for the page, the status and `/quit`");

    static final Setting<Integer> LOCAL_PORT = ofQuarkus(
            "quarkus.http.port",
            "8002",
            Format.integer(0, 65_535),
            "the TCP port for the page, the status and `/quit`; 0 for any free port");

    static final Setting<String> MANAGEMENT_HOST = ofQuarkus(
            "quarkus.management.host", "0.0.0.0", Format.TEXT, "the listening address for health checks and metrics");

    /** The Quarkus settings. Their defaults are in {@code application.properties}. */
    static final List<Setting<?>> OF_QUARKUS = List.of(
            LOCAL_HOST,
            LOCAL_PORT,
            MANAGEMENT_HOST,
            ofQuarkus(
                    "quarkus.management.port",
                    "9000",
                    Format.integer(0, 65_535),
                    "the TCP port for health checks and metrics; 0 for any free port"),
            ofQuarkus("quarkus.log.console.json.enabled", "false", Format.BOOLEAN, "`true` writes the log as JSON"));

    private DeclaredSettings() {}

    /** Returns all {@code guardian.*} settings, in the order of the table in docs/reference.md. */
    static List<Setting<?>> all() {
        return Collections.unmodifiableList(DECLARED);
    }

    /** Declares a setting whose default is a value that a user could set. */
    private static <T> Setting<T> withDefault(String name, String defaultText, Format<T> format, String meaning) {
        return declare(new Setting<>(name, defaultText, "`" + defaultText + "`", format, meaning));
    }

    private static <T> Setting<T> optional(String name, String defaultInWords, Format<T> format, String meaning) {
        return declare(new Setting<>(name, null, defaultInWords, format, meaning));
    }

    private static <T> Setting<T> ofQuarkus(String name, String defaultText, Format<T> format, String meaning) {
        return new Setting<>(name, defaultText, "`" + defaultText + "`", format, meaning);
    }

    private static <T> Setting<T> declare(Setting<T> setting) {
        DECLARED.add(setting);
        return setting;
    }
}
