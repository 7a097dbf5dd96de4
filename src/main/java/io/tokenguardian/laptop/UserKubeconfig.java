package io.tokenguardian.laptop;

import io.tokenguardian.command.ExitCode;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The files of the user's kubeconfig, merged as kubectl merges them. If several files have a current context, or a
 * context, cluster or user with the same name, the first file wins.
 */
final class UserKubeconfig {
    private final Map<String, String> environment;
    private final Map<String, KubeconfigSection> contexts = new TreeMap<>();
    private final Map<String, KubeconfigSection> clusters = new TreeMap<>();
    private final Map<String, KubeconfigSection> users = new TreeMap<>();
    private @Nullable String currentContext;

    private UserKubeconfig(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Reads {@code file} or, if it is null, kubectl's default: the files in {@code KUBECONFIG} that exist or, only if
     * that variable is not set, {@code ~/.kube/config}.
     *
     * @param context null for the current context
     */
    static ClusterAccess access(@Nullable Path file, @Nullable String context, Map<String, String> environment)
            throws CheckFailedException {
        List<Path> files = file == null ? defaults(environment) : List.of(file);
        try {
            UserKubeconfig merged = new UserKubeconfig(environment);
            for (Path each : files) {
                merged.add(each);
            }
            return merged.access(context);
        } catch (ClassCastException e) { // by JsonObject
            throw fault(files + " has a field of another type than kubectl allows");
        }
    }

    private static List<Path> defaults(Map<String, String> environment) throws CheckFailedException {
        String home = environment.getOrDefault("HOME", System.getProperty("user.home", ""));
        List<Path> named = Stream.of(
                        environment.getOrDefault("KUBECONFIG", "").split(Pattern.quote(File.pathSeparator)))
                .filter(each -> !each.isEmpty())
                .map(Path::of)
                .toList();
        List<Path> files = named.isEmpty() ? List.of(Path.of(home, ".kube", "config")) : named;
        List<Path> existing = files.stream().filter(Files::exists).toList();
        if (existing.isEmpty()) {
            throw new CheckFailedException(
                    ExitCode.UNREADABLE,
                    "no kubeconfig: " + files
                            + " does not exist; allowed is --kubeconfig FILE, or files in KUBECONFIG");
        }
        return existing;
    }

    private void add(Path file) throws CheckFailedException {
        KubeconfigSection root = new KubeconfigSection(file.toString(), file, parse(file));
        currentContext = currentContext == null ? root.text("current-context") : currentContext;
        add(root, "context", contexts);
        add(root, "cluster", clusters);
        add(root, "user", users);
    }

    @SuppressWarnings("unchecked") // a YAML map whose keys are not strings has none of the fields
    private static JsonObject parse(Path file) throws CheckFailedException {
        try (Reader input = Files.newBufferedReader(file)) { // a stream would need UTF-32, which the executable has not
            Object root = new Load(LoadSettings.builder().build()).loadFromReader(input);
            return root == null ? new JsonObject() : new JsonObject((Map<String, Object>) root);
        } catch (IOException e) {
            throw fault(file + (Files.exists(file) ? " can't be read" : " does not exist"));
        } catch (YamlEngineException e) { // the exception's message quotes the file, which may contain a secret
            Optional<Mark> mark =
                    e instanceof MarkedYamlEngineException marked ? marked.getProblemMark() : Optional.empty();
            throw fault(file + " is neither YAML nor JSON"
                    + mark.map(each -> ", see line " + (each.getLine() + 1)).orElse(""));
        }
    }

    /** An entry has a {@code name}, and its fields are under {@code key}: context, cluster or user. */
    private static void add(KubeconfigSection root, String key, Map<String, KubeconfigSection> sections) {
        for (JsonObject entry : root.objects(key + "s")) {
            String name = String.valueOf(entry.getString("name"));
            JsonObject fields = entry.getJsonObject(key, new JsonObject());
            sections.putIfAbsent(
                    name, new KubeconfigSection(key + " \"" + name + "\" in " + root, root.file(), fields));
        }
    }

    private static CheckFailedException fault(String what) {
        return new CheckFailedException(ExitCode.UNREADABLE, "the kubeconfig " + what);
    }

    private ClusterAccess access(@Nullable String wanted) throws CheckFailedException {
        String name = wanted == null ? currentContext : wanted;
        if (name == null) {
            throw fault("has no current-context; allowed is --context with one of " + contexts.keySet());
        }
        KubeconfigSection context = contexts.get(name);
        if (context == null) {
            throw fault("has no context \"" + name + "\"; allowed is one of " + contexts.keySet());
        }
        return ClusterAccess.of(
                name,
                context.text("namespace"),
                named(context, "cluster", clusters),
                named(context, "user", users),
                environment);
    }

    private static KubeconfigSection named(
            KubeconfigSection context, String kind, Map<String, KubeconfigSection> sections)
            throws CheckFailedException {
        String name = context.text(kind);
        KubeconfigSection section = name == null ? null : sections.get(name);
        if (section == null) {
            throw context.fault("its " + kind + " is " + name + "; allowed is one of " + sections.keySet());
        }
        return section;
    }
}
