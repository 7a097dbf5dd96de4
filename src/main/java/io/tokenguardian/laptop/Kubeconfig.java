package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.tokenguardian.laptop.CrossCheck.Failure;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The files of a kubeconfig, merged as kubectl merges them. If several files have a current context, or a context,
 * cluster or user with the same name, the first file wins.
 */
final class Kubeconfig {
    private static final int MAX_BYTES = 16 << 20;

    /** While a file is parsed, each field takes about 1 KiB of a heap of 128 MiB. */
    private static final int MAX_FIELDS = 50_000;

    private static final List<String> FIELDS = List.of("contexts", "clusters", "users", "current-context");

    private final String files;
    private final Map<String, String> environment;
    private final Map<String, Section> contexts = new TreeMap<>();
    private final Map<String, Section> clusters = new TreeMap<>();
    private final Map<String, Section> users = new TreeMap<>();
    private @Nullable String currentContext;

    private Kubeconfig(String files, Map<String, String> environment) {
        this.files = files;
        this.environment = environment;
    }

    /**
     * Reads {@code file} or, if it is null, kubectl's default. The default is the files in {@code KUBECONFIG} that
     * exist or, only if that variable is not set, {@code ~/.kube/config}.
     */
    static Kubeconfig read(@Nullable Path file, Map<String, String> environment) throws FailedException {
        if (file != null) {
            return new Kubeconfig(file.toString(), environment).with(file);
        }
        String variable = environment.getOrDefault("KUBECONFIG", "");
        List<Path> named = new ArrayList<>();
        for (String each : variable.split(Pattern.quote(File.pathSeparator), -1)) {
            if (!each.isEmpty()) {
                named.add(path(each));
            }
        }
        boolean fromVariable = !named.isEmpty();
        if (!fromVariable) {
            named.add(ofHome(environment));
        }
        List<Path> there = named.stream().filter(Files::exists).toList();
        if (there.isEmpty()) {
            throw new FailedException(
                    Failure.KUBECONFIG,
                    "no kubeconfig: " + (fromVariable ? "KUBECONFIG is " : "") + joined(named)
                            + ", which does not exist; allowed is --kubeconfig FILE, or files in KUBECONFIG");
        }
        Kubeconfig merged = new Kubeconfig(joined(there), environment);
        for (Path each : there) {
            merged.with(each);
        }
        return merged;
    }

    private static Path path(String text) throws FailedException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new FailedException(
                    Failure.KUBECONFIG,
                    "KUBECONFIG names " + text + ", which is not a path; allowed is the path of a file");
        }
    }

    /**
     * Returns the kubeconfig in the first home directory that has one, or otherwise its path in the last home
     * directory. Windows has up to three home directories, which are tried in kubectl's order.
     */
    private static Path ofHome(Map<String, String> environment) {
        List<Path> configs = Stream.of(
                        environment.getOrDefault("HOME", ""),
                        environment.getOrDefault("HOMEDRIVE", "") + environment.getOrDefault("HOMEPATH", ""),
                        environment.getOrDefault("USERPROFILE", ""))
                .filter(home -> !home.isEmpty())
                .map(home -> Path.of(home, ".kube", "config"))
                .toList();
        return configs.stream()
                .filter(Files::exists)
                .findFirst()
                .orElse(configs.isEmpty() ? Path.of(".kube", "config") : configs.get(configs.size() - 1));
    }

    private static String joined(List<Path> paths) {
        return String.join(
                File.pathSeparator, paths.stream().map(Path::toString).toList());
    }

    private Kubeconfig with(Path file) throws FailedException {
        Section root = new Section(file.toString(), file, parse(file));
        currentContext = currentContext == null ? root.text("current-context") : currentContext;
        take(root, file, "context", contexts);
        take(root, file, "cluster", clusters);
        take(root, file, "user", users);
        return this;
    }

    private static Map<?, ?> parse(Path file) throws FailedException {
        try {
            byte[] content = Section.read(file, MAX_BYTES);
            if (content.length > MAX_BYTES) {
                throw fault(file, "is larger than 16 MiB");
            }
            if (fields(content) > MAX_FIELDS) {
                throw fault(
                        file,
                        "has more than 50,000 fields; allowed is a file with fewer contexts, such as the"
                                + " output of kubectl config view --minify --raw");
            }
            Map<?, ?> root =
                    YamlMap.parse(UTF_8.decode(ByteBuffer.wrap(content)).toString());
            if (root == null) { // an empty file
                return Map.of();
            }
            Object kind = root.get("kind");
            if (kind == null ? Collections.disjoint(root.keySet(), FIELDS) : !kind.equals("Config")) {
                throw noKubeconfig(file);
            }
            return root;
        } catch (IOException e) {
            throw fault(file, Files.exists(file) ? "can't be read" : "does not exist");
        } catch (YamlEngineException e) { // the exception's message quotes the file, which may contain a secret
            throw fault(file, "is neither YAML nor JSON" + line(e));
        } catch (RuntimeException | StackOverflowError e) { // not a map, or nested too deeply
            throw noKubeconfig(file);
        }
    }

    /** Returns the number of colons. It is an upper bound for the number of fields, because each field has a colon. */
    private static int fields(byte[] content) {
        int colons = 0;
        for (byte each : content) {
            colons += each == ':' ? 1 : 0;
        }
        return colons;
    }

    private static FailedException noKubeconfig(Path file) {
        return fault(file, "is not a kubeconfig; allowed is kind: Config, with contexts, clusters and users");
    }

    private static String line(YamlEngineException thrown) {
        return thrown instanceof MarkedYamlEngineException marked
                ? marked.getProblemMark()
                        .map(mark -> ", see line " + mark.getLine())
                        .orElse("")
                : "";
    }

    private static FailedException fault(Path file, String what) {
        return new FailedException(Failure.KUBECONFIG, "the kubeconfig " + file + " " + what);
    }

    /** An entry has a {@code name}, and its fields are under {@code key}: context, cluster or user. */
    private static void take(Section root, Path file, String key, Map<String, Section> parts) throws FailedException {
        for (Object each : root.list(key + "s")) {
            if (!(each instanceof Map<?, ?> part && part.get("name") instanceof String name)) {
                throw root.fault("one of its " + key + "s has no name");
            }
            Object fields = part.get(key);
            Section section = new Section(
                    key + " \"" + name + "\" in " + file, file, fields instanceof Map<?, ?> m ? m : Map.of());
            parts.putIfAbsent(name, section);
        }
    }

    /** @param wanted null for the current context */
    ClusterAccess access(@Nullable String wanted) throws FailedException {
        String name = wanted == null ? currentContext : wanted;
        if (name == null) {
            throw new FailedException(
                    Failure.KUBECONFIG,
                    files + ": no current-context" + allowed("--context with ", "context", contexts));
        }
        Section context = contexts.get(name);
        if (context == null) {
            throw new FailedException(
                    Failure.KUBECONFIG, files + ": no context \"" + name + "\"" + allowed("", "context", contexts));
        }
        String namespace = context.text("namespace");
        String fault = namespace == null ? null : CrossCheck.faultOfNamespace(namespace);
        if (fault != null) {
            throw context.fault("its namespace " + fault);
        }
        return ClusterAccess.of(
                name, namespace, named(context, "cluster", clusters), named(context, "user", users), environment);
    }

    private static Section named(Section context, String kind, Map<String, Section> parts) throws FailedException {
        String name = context.text(kind);
        if (name == null) {
            throw context.fault("has no " + kind + allowed("", kind, parts));
        }
        Section part = parts.get(name);
        if (part == null) {
            throw context.fault("its " + kind + " \"" + name + "\" does not exist" + allowed("", kind, parts));
        }
        return part;
    }

    /** Returns the end of a message, which names the parts that exist. */
    private static String allowed(String before, String kind, Map<String, Section> parts) {
        return parts.isEmpty()
                ? "; the kubeconfig has no " + kind + "s"
                : "; allowed is " + before + String.join(", ", parts.keySet());
    }
}
