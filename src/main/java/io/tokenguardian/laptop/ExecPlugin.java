package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that prints a credential. As with kubectl, it is given the cluster, but no terminal. The fabric8 client
 * mixes its errors with the credential, does not pass the cluster to it, and logs its output.
 */
final class ExecPlugin {
    private static final Set<String> VERSIONS =
            Set.of("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1");
    private static final int LONGEST_SECONDS = 60;
    private static final int BETWEEN_READS_MILLIS = 10;
    private static final int MAX_OUTPUT = 1 << 20;
    private static final File NOTHING = ProcessBuilder.Redirect.DISCARD.file(); // its name differs on Windows

    private ExecPlugin() {}

    /** A credential: a token, a certificate with its key in PEM, or both. */
    static final class Credential {
        private final @Nullable String token;
        private final byte @Nullable [] certificate;
        private final byte @Nullable [] key;

        private Credential(@Nullable String token, @Nullable String certificate, @Nullable String key) {
            this.token = token;
            this.certificate = certificate == null ? null : certificate.getBytes(UTF_8);
            this.key = key == null ? null : key.getBytes(UTF_8);
        }

        @Nullable
        String token() {
            return token;
        }

        byte @Nullable [] certificate() {
            return certificate;
        }

        byte @Nullable [] key() {
            return key;
        }
    }

    /** Runs the plugin for at most a minute. Passes the plugin's stderr through. */
    static Credential run(Section exec, Section cluster, Map<String, String> environment) throws FailedException {
        String version = exec.text("apiVersion");
        if (version == null || !VERSIONS.contains(version)) {
            throw exec.fault((version == null ? "has no apiVersion" : "its apiVersion is " + version)
                    + "; allowed is client.authentication.k8s.io/v1 or v1beta1");
        }
        String command = exec.text("command");
        if (command == null) {
            throw exec.fault("has no command; allowed is a program in PATH, or a path from the kubeconfig's directory");
        }
        if ("Always".equals(exec.text("interactiveMode"))) {
            throw exec.fault("its interactiveMode is Always; allowed is IfAvailable or Never");
        }
        List<String> line = new ArrayList<>();
        boolean isPath = !new File(command).getName().equals(command);
        line.add(PluginFile.of(isPath ? exec.path(command).toString() : command, isPath, environment));
        exec.list("args").forEach(each -> line.add(String.valueOf(each)));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectInput(NOTHING).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(environment);
        for (Object each : exec.list("env")) {
            if (each instanceof Map<?, ?> variable && variable.get("name") instanceof String name) {
                Object value = variable.get("value");
                set(exec, builder, name, value == null ? "" : String.valueOf(value));
            }
        }
        builder.environment().put("KUBERNETES_EXEC_INFO", info(exec, cluster, version));
        return credential(exec, command, version, output(exec, command, builder));
    }

    private static void set(Section exec, ProcessBuilder builder, String name, String value) throws FailedException {
        try {
            builder.environment().put(name, value);
        } catch (IllegalArgumentException e) { // the exception's message quotes the value
            throw exec.fault("one of its env entries has a character that no environment variable can have");
        }
    }

    private static String info(Section exec, Section cluster, String version) throws FailedException {
        JsonObject spec = new JsonObject().put("interactive", false);
        if (exec.isTrue("provideClusterInfo")) {
            byte[] authority = cluster.bytes("certificate-authority");
            JsonObject told = new JsonObject().put("server", cluster.text("server"));
            putIfThere(told, "tls-server-name", cluster.text("tls-server-name"));
            putIfThere(
                    told,
                    "certificate-authority-data",
                    authority == null ? null : Base64.getEncoder().encodeToString(authority));
            putIfThere(told, "proxy-url", cluster.text("proxy-url"));
            if (cluster.isTrue("insecure-skip-tls-verify")) {
                told.put("insecure-skip-tls-verify", true);
            }
            for (Object each : cluster.list("extensions")) {
                if (each instanceof Map<?, ?> extension
                        && "client.authentication.k8s.io/exec".equals(extension.get("name"))) {
                    told.put("config", YamlMap.asJson(extension.get("extension")));
                }
            }
            spec.put("cluster", told);
        }
        return new JsonObject()
                .put("apiVersion", version)
                .put("kind", "ExecCredential")
                .put("spec", spec)
                .encode();
    }

    private static void putIfThere(JsonObject object, String field, @Nullable String value) {
        if (value != null) {
            object.put(field, value);
        }
    }

    /** A child process may keep the pipe open after the plugin has ended, so this reads only what is in it. */
    private static String output(Section exec, String command, ProcessBuilder builder) throws FailedException {
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw exec.fault("its command " + command
                    + " can't be started; allowed is a program in PATH, or a path from the kubeconfig's directory");
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (InputStream pipe = process.getInputStream()) {
            boolean ended = false;
            while (!ended) {
                ended = process.waitFor(BETWEEN_READS_MILLIS, TimeUnit.MILLISECONDS);
                printed.writeBytes(pipe.readNBytes(pipe.available()));
                if (printed.size() > MAX_OUTPUT) {
                    throw exec.fault("its command " + command + " printed more than 1 MiB");
                } else if (!ended && System.nanoTime() - end > 0) {
                    throw exec.fault("its command " + command + " took longer than " + LONGEST_SECONDS + " s");
                }
            }
            if (process.exitValue() != 0) {
                throw exec.fault("its command " + command + " failed with exit code " + process.exitValue());
            }
            return printed.toString(UTF_8);
        } catch (IOException e) {
            throw exec.fault("the output of its command " + command + " can't be read");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw exec.fault("its command " + command + " was interrupted");
        } finally {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    private static Credential credential(Section exec, String command, String version, String printed)
            throws FailedException {
        Map<?, ?> root;
        try {
            root = printed.stripLeading().startsWith("{") ? new JsonObject(printed).getMap() : YamlMap.parse(printed);
        } catch (RuntimeException | StackOverflowError e) { // the exception's message may quote the credential
            root = null;
        }
        if (root == null || !version.equals(root.get("apiVersion"))) {
            throw exec.fault("its command " + command + " did not print an ExecCredential of " + version);
        }
        Map<?, ?> status = root.get("status") instanceof Map<?, ?> map ? map : Map.of();
        String token = text(status, "token");
        String certificate = text(status, "clientCertificateData");
        String key = text(status, "clientKeyData");
        if ((certificate == null) != (key == null) || (token == null && key == null)) {
            throw exec.fault("its command " + command + " printed no credential; allowed is a token, or"
                    + " clientCertificateData with clientKeyData");
        }
        return new Credential(token, certificate, key);
    }

    private static @Nullable String text(Map<?, ?> status, String field) {
        return status.get(field) instanceof String text && !text.isEmpty() ? text : null;
    }
}
