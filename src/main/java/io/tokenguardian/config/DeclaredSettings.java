package io.tokenguardian.config;

import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.ReadyFollows;
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

    private static final Format<Long> BYTES =
            Format.of("is a number of bytes, such as 512K or 3M, and at most 8M", text -> {
                long bytes = new MemorySizeConverter().convert(text).asLongValue();
                return bytes < 0 || bytes > ProxySettings.REPLAY_TOTAL ? null : bytes;
            });

    static final Setting<Boolean> DISABLED = withDefault("guardian.disabled", "false", Format.BOOLEAN);

    static final Setting<Path> TOKEN_PATH =
            withDefault("guardian.token.path", "/var/run/secrets/kubernetes.io/serviceaccount/token", Format.PATH);

    static final Setting<String> API_SERVER_URL = optional(
            "guardian.api-server.url", "`https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT`", Format.TEXT);

    static final Setting<Path> API_SERVER_CA =
            optional("guardian.api-server.ca", "`ca.crt` beside the token", Format.PATH);

    static final Setting<String> API_SERVER_SERVER_NAME =
            optional("guardian.api-server.server-name", "the host of the URL", Format.SERVER_NAME);

    static final Setting<Duration> API_SERVER_LEEWAY = withDefault("guardian.api-server.leeway", "60s", UP_TO_AN_HOUR);

    static final Setting<Integer> READINESS_CONFIRMATIONS =
            withDefault("guardian.readiness.confirmations", "3", Format.integer(1, 100));

    static final Setting<AcceptedBy> READINESS_ACCEPTED_BY = withDefault(
            "guardian.readiness.accepted-by", "every", Format.word(List.of(AcceptedBy.EVERY, AcceptedBy.ANY)));

    static final Setting<ReadyFollows> READINESS_FOLLOWS =
            withDefault("guardian.readiness.follows", "start", Format.word(ReadyFollows.class));

    static final Setting<Duration> WAIT_TIMEOUT = withDefault("guardian.wait.timeout", "5m", Format.UP_TO_A_DAY);

    static final Setting<Boolean> PROXY_ENABLED = withDefault("guardian.proxy.enabled", "true", Format.BOOLEAN);

    static final Setting<InetAddress> PROXY_HOST = withDefault("guardian.proxy.host", "127.0.0.1", Format.IP_ADDRESS);

    static final Setting<Integer> PROXY_PORT = withDefault("guardian.proxy.port", "8001", Format.integer(0, 65_535));

    static final Setting<Path> PROXY_UNIX_SOCKET = optional("guardian.proxy.unix-socket", "none", Format.PATH);

    static final Setting<Duration> PROXY_HOLD_TIMEOUT =
            withDefault("guardian.proxy.hold-timeout", "3m", Format.UP_TO_A_DAY);

    static final Setting<Long> PROXY_REPLAY_LIMIT = withDefault("guardian.proxy.replay-limit", "3M", BYTES);

    static final Setting<List<String>> PROXY_ACCEPT_HOSTS =
            withDefault("guardian.proxy.accept-hosts", "localhost,127.0.0.1,[::1]", Format.HOSTS);

    static final Setting<AuthorizationPolicy> PROXY_AUTHORIZATION =
            withDefault("guardian.proxy.authorization", "replace", Format.word(AuthorizationPolicy.class));

    static final Setting<Integer> IN_CLUSTER_PORT =
            optional("guardian.in-cluster.port", "none", Format.integer(0, 65_535));

    static final Setting<Path> IN_CLUSTER_DIRECTORY =
            optional("guardian.in-cluster.directory", "none; needed with the port", Format.PATH);

    static final Setting<Path> VETTED_DIRECTORY = optional("guardian.vetted.directory", "none", Format.PATH);

    static final Setting<TokenContent> VETTED_TOKEN =
            withDefault("guardian.vetted.token", "accepted", Format.word(TokenContent.class));

    static final Setting<Path> VETTED_KUBECONFIG = optional("guardian.vetted.kubeconfig", "none", Format.PATH);

    static final Setting<Set<PosixFilePermission>> VETTED_MODE =
            optional("guardian.vetted.mode", "`0640`, but no wider than the source's mode", Format.MODE);

    static final Setting<Boolean> KUBERNETES_POD_CONDITION =
            withDefault("guardian.kubernetes.pod-condition", "false", Format.BOOLEAN);

    static final Setting<Boolean> QUIT_ENABLED = withDefault("guardian.quit.enabled", "false", Format.BOOLEAN);

    /** A Quarkus setting, like all that follow. Their defaults are in {@code application.properties}. */
    static final Setting<String> LOCAL_HOST = withDefault("quarkus.http.host", "127.0.0.1", Format.TEXT);

    static final Setting<Integer> LOCAL_PORT = withDefault("quarkus.http.port", "8002", Format.integer(0, 65_535));

    static final Setting<String> MANAGEMENT_HOST = withDefault("quarkus.management.host", "0.0.0.0", Format.TEXT);

    static final Setting<Integer> MANAGEMENT_PORT =
            withDefault("quarkus.management.port", "9000", Format.integer(0, 65_535));

    static final Setting<Boolean> LOG_JSON = withDefault("quarkus.log.console.json.enabled", "false", Format.BOOLEAN);

    private DeclaredSettings() {}

    /** Returns all settings, in the order of the table in docs/reference.md. */
    static List<Setting<?>> all() {
        return Collections.unmodifiableList(DECLARED);
    }

    /** Declares a setting whose default is a value that a user could set. */
    private static <T> Setting<T> withDefault(String name, String defaultText, Format<T> format) {
        return declare(new Setting<>(name, defaultText, "`" + defaultText + "`", format));
    }

    private static <T> Setting<T> optional(String name, String defaultInWords, Format<T> format) {
        return declare(new Setting<>(name, null, defaultInWords, format));
    }

    private static <T> Setting<T> declare(Setting<T> setting) {
        DECLARED.add(setting);
        return setting;
    }
}
