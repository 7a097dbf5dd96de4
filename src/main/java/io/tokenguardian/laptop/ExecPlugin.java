package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program that prints a credential. As with kubectl, it is given the cluster, but no terminal. The fabric8 client
 * mixes its errors with the credential, does not pass the cluster to it, and logs its output.
 */
final class ExecPlugin {
    private static final Set<String> VERSIONS =
            Set.of("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1");

    /** The fields of a cluster that a plugin is given as they are. */
    private static final List<String> CLUSTER =
            List.of("server", "tls-server-name", "proxy-url", "insecure-skip-tls-verify");

    private static final File NOTHING = ProcessBuilder.Redirect.DISCARD.file(); // its name differs on Windows

    private ExecPlugin() {}

    /** Runs the plugin, passes its stderr through, and returns the {@code status} of its {@code ExecCredential}. */
    static KubeconfigSection run(KubeconfigSection exec, KubeconfigSection cluster, Map<String, String> environment)
            throws CheckFailedException {
        String version = String.valueOf(exec.text("apiVersion"));
        if (!VERSIONS.contains(version)) {
            throw exec.fault(
                    "its apiVersion is " + version + "; allowed is client.authentication.k8s.io/v1 or v1beta1");
        }
        String command = String.valueOf(exec.text("command"));
        boolean isPath = !new File(command).getName().equals(command);
        List<String> line = new ArrayList<>();
        line.add(isPath ? exec.path(command).toString() : command);
        exec.list("args").forEach(each -> line.add(String.valueOf(each)));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectInput(NOTHING).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(environment);
        for (JsonObject variable : exec.objects("env")) {
            builder.environment().put(variable.getString("name"), String.valueOf(variable.getValue("value", "")));
        }
        builder.environment().put("KUBERNETES_EXEC_INFO", info(exec, cluster, version));
        String name = exec + ": its command " + command;
        return new KubeconfigSection(name, exec.file(), status(exec, command, version, output(exec, command, builder)));
    }

    private static String info(KubeconfigSection exec, KubeconfigSection cluster, String version)
            throws CheckFailedException {
        JsonObject spec = new JsonObject().put("interactive", false);
        if (exec.isTrue("provideClusterInfo")) {
            JsonObject told = new JsonObject();
            CLUSTER.stream()
                    .filter(cluster::has)
                    .forEach(field -> told.put(field, cluster.fields().getValue(field)));
            byte[] authority = cluster.bytes("certificate-authority");
            if (authority != null) {
                told.put("certificate-authority-data", Base64.getEncoder().encodeToString(authority));
            }
            for (JsonObject extension : cluster.objects("extensions")) {
                if ("client.authentication.k8s.io/exec".equals(extension.getString("name"))) {
                    told.put("config", extension.getValue("extension"));
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

    private static String output(KubeconfigSection exec, String command, ProcessBuilder builder)
            throws CheckFailedException {
        try {
            Process process = builder.start();
            String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
            int exitCode = process.onExit().join().exitValue();
            if (exitCode != 0) {
                throw exec.fault("its command " + command + " failed with exit code " + exitCode);
            }
            return printed;
        } catch (IOException e) {
            throw exec.fault("its command " + command
                    + " can't be run; allowed is a program in PATH, or a path from the kubeconfig's directory");
        }
    }

    private static JsonObject status(KubeconfigSection exec, String command, String version, String printed)
            throws CheckFailedException {
        try {
            JsonObject credential = new JsonObject(printed);
            if (version.equals(credential.getString("apiVersion"))) {
                return credential.getJsonObject("status", new JsonObject());
            }
        } catch (RuntimeException e) {
            // the exception's message may quote the credential
        }
        throw exec.fault("its command " + command + " did not print an ExecCredential of " + version);
    }
}
