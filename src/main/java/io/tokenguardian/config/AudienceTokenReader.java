package io.tokenguardian.config;

import io.tokenguardian.guardian.AudienceToken;
import io.tokenguardian.vetted.VettedSettings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings {@code guardian.tokens.NAME.*} of audience tokens, where the user chooses NAME. An environment
 * variable has {@code _} for each {@code -} in NAME: {@code GUARDIAN_TOKENS_MY_VAULT_PATH} belongs to {@code my-vault}.
 */
final class AudienceTokenReader {
    private static final String PREFIX = "guardian.tokens.";
    private static final String KEYS = "path|audiences|vetted";
    private static final Pattern PROPERTY = Pattern.compile("guardian\\.tokens\\.(.+)\\.(" + KEYS + ")");
    private static final Pattern VARIABLE =
            Pattern.compile("GUARDIAN_TOKENS_(.+)_(" + KEYS.toUpperCase(Locale.ROOT) + ")");
    private static final Pattern MISSPELT = Pattern.compile("guardian[._][^._]+[._](?<name>.+)[._][^._]+");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final Function<String, @Nullable String> text;
    private final VettedSettings vetted;
    private final List<AudienceToken.Source> sources = new ArrayList<>();
    private final List<VettedSettings.Copy> copies = new ArrayList<>();

    /** The setting that named each file first. */
    private final Map<Path, String> sourceFiles = new HashMap<>();

    private final Map<Path, String> writtenFiles = new HashMap<>();

    /**
     * Reads the settings of all audience tokens.
     *
     * @param text returns the value of a setting, or null if it is not set or empty
     * @param token the main token's file
     * @param vetted the other files that the guardian writes
     * @throws SettingException on the first wrong setting
     */
    AudienceTokenReader(Config config, Function<String, @Nullable String> text, Path token, VettedSettings vetted) {
        this.text = text;
        this.vetted = vetted;
        sourceFiles.put(normal(token), "guardian.token.path");
        if (vetted.kubeconfig() != null) {
            writtenFiles.put(normal(vetted.kubeconfig()), "guardian.vetted.kubeconfig");
        }
        Set<String> names = names(config);
        names.forEach(this::readSource);
        sources.forEach(this::readCopy);
    }

    List<AudienceToken.Source> sources() {
        return sources;
    }

    /** The files that the guardian writes, including the copies of audience tokens. */
    VettedSettings vetted() {
        return new VettedSettings(vetted.directory(), vetted.kubeconfig(), vetted.access(), copies);
    }

    /** Returns the settings that {@code name} may mean: a misspelt property or environment variable. */
    static List<String> settingsLike(String name) {
        Matcher matcher = MISSPELT.matcher(name.toLowerCase(Locale.ROOT));
        return matcher.matches()
                ? Arrays.stream(KEYS.split("\\|", -1))
                        .map(key -> PREFIX + matcher.group("name") + "." + key)
                        .toList()
                : List.of();
    }

    private static Set<String> names(Config config) {
        Set<String> names = new TreeSet<>();
        StreamSupport.stream(config.getConfigSources().spliterator(), false).forEach(source -> {
            boolean environment = SettingsReader.isEnvironmentSource(source.getName());
            for (String property : source.getPropertyNames()) {
                Matcher matcher = (environment ? VARIABLE : PROPERTY).matcher(property);
                boolean service = environment && ServiceVariable.isServiceVariable(property, source.getValue(property));
                if (matcher.matches() && !service) {
                    String written = matcher.group(1);
                    names.add(name(
                            property,
                            environment ? written.toLowerCase(Locale.ROOT).replace('_', '-') : written));
                }
            }
        });
        return names;
    }

    private static String name(String property, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new SettingException(property + ": the name \"" + name
                    + "\" is wrong; allowed are up to 63 lower-case letters and digits, with - between them");
        }
        return name;
    }

    private void readSource(String name) {
        String setting = PREFIX + name + ".path";
        Path path = path(setting);
        if (path == null) {
            throw new SettingException(setting + " is not set: a further token needs the path of its file");
        }
        String other = sourceFiles.putIfAbsent(normal(path), setting);
        if (other != null) {
            throw wrong(setting, path, "a file of its own, and that one is of " + other);
        }
        String written = writtenFiles.get(normal(path));
        if (written != null) {
            throw wrong(setting, path, "a file that the guardian does not write, and that one is of " + written);
        }
        requireOutsideOfDirectory(setting, path);
        sources.add(new AudienceToken.Source(name, path, audiences(PREFIX + name + ".audiences")));
    }

    private void readCopy(AudienceToken.Source source) {
        String setting = PREFIX + source.name() + ".vetted";
        Path path = path(setting);
        if (path == null) {
            return;
        }
        String read = sourceFiles.get(normal(path));
        if (read != null) {
            throw wrong(setting, path, "a file that no token is read from, and that one is of " + read);
        }
        String other = writtenFiles.putIfAbsent(normal(path), setting);
        if (other != null) {
            throw wrong(setting, path, "a file of its own, and that one is of " + other);
        }
        requireOutsideOfDirectory(setting, path);
        copies.add(new VettedSettings.Copy(source.name(), source.path(), path));
    }

    private void requireOutsideOfDirectory(String setting, Path path) {
        if (vetted.directory() != null && normal(path).startsWith(normal(vetted.directory()))) {
            throw wrong(setting, path, "a file outside of guardian.vetted.directory");
        }
    }

    private List<String> audiences(String setting) {
        String value = text.apply(setting);
        if (value == null) {
            return List.of();
        }
        List<String> audiences =
                Arrays.stream(value.split(",", -1)).map(String::strip).toList();
        if (audiences.contains("")) {
            throw wrong(setting, value, "audiences, separated by commas");
        }
        return audiences;
    }

    private @Nullable Path path(String setting) {
        String value = text.apply(setting);
        try {
            return value == null ? null : Path.of(value);
        } catch (InvalidPathException e) {
            throw wrong(setting, value, "a path of the file system");
        }
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static SettingException wrong(String setting, Object value, String allowed) {
        return new SettingException(setting + ": \"" + value + "\" is wrong; allowed is " + allowed);
    }
}
