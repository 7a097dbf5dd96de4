package io.tokenguardian.config;

import io.tokenguardian.guardian.AudienceToken;
import io.tokenguardian.vetted.VettedSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/** Reads {@code guardian.tokens.NAME.*}; {@code GUARDIAN_TOKENS_MY_VAULT_PATH} belongs to {@code my-vault}. */
final class AudienceTokenReader {
    private static final List<String> KEYS = DeclaredSettings.OF_EACH_AUDIENCE_TOKEN.stream()
            .map(setting -> setting.name().substring(setting.name().lastIndexOf('.') + 1))
            .toList();
    private static final Pattern PROPERTY =
            Pattern.compile("guardian\\.tokens\\.(.+)\\.(" + String.join("|", KEYS) + ")");
    private static final Pattern VARIABLE =
            Pattern.compile("GUARDIAN_TOKENS_(.+)_(" + String.join("|", KEYS).toUpperCase(Locale.ROOT) + ")");
    private static final Pattern MISSPELT = Pattern.compile("guardian[._][^._]+[._](?<name>.+)[._][^._]+");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final SettingValues values;
    private final VettedSettings vetted;
    private final List<AudienceToken.Source> sources = new ArrayList<>();
    private final List<VettedSettings.Copy> copies = new ArrayList<>();

    /** For each token file, the first setting that names it. */
    private final Map<Path, String> tokenFiles = new HashMap<>();

    private final Map<Path, String> writtenFiles = new HashMap<>();

    /** @throws SettingException on the first invalid setting */
    AudienceTokenReader(Config config, SettingValues values, Path token, VettedSettings vetted) {
        this.values = values;
        this.vetted = vetted;
        tokenFiles.put(normal(token), DeclaredSettings.TOKEN_PATH.name());
        Path kubeconfig = vetted.kubeconfig();
        if (kubeconfig != null) {
            String setting = DeclaredSettings.VETTED_KUBECONFIG.name();
            if (vetted.directory() != null && !isFreeOf(normal(kubeconfig), normal(vetted.directory()))) {
                throw wrong(setting, kubeconfig, "a separate file; this file belongs to guardian.vetted.directory");
            }
            addWritten(setting, kubeconfig);
        }
        Set<String> names = names(config);
        names.forEach(this::readSource);
        sources.forEach(this::readCopy);
    }

    List<AudienceToken.Source> sources() {
        return sources;
    }

    /** Returns the files that the guardian writes, including the copies of audience tokens. */
    VettedSettings vetted() {
        return new VettedSettings(vetted.directory(), vetted.kubeconfig(), vetted.content(), vetted.access(), copies);
    }

    /** Returns the settings of which {@code name}, a property or an environment variable, may be a misspelling. */
    static List<String> settingsLike(String name) {
        Matcher matcher = MISSPELT.matcher(name.toLowerCase(Locale.ROOT));
        return matcher.matches()
                ? DeclaredSettings.OF_EACH_AUDIENCE_TOKEN.stream()
                        .map(setting -> setting.forToken(matcher.group("name")).name())
                        .toList()
                : List.of();
    }

    /** @throws SettingException on the first invalid name */
    static Set<String> names(Config config) {
        Set<String> names = new TreeSet<>();
        StreamSupport.stream(config.getConfigSources().spliterator(), false).forEach(source -> {
            boolean environment = SettingValues.isEnvironmentSource(source.getName());
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
        Setting<Path> declared = DeclaredSettings.TOKENS_PATH.forToken(name);
        String setting = declared.name();
        Path path = values.find(declared);
        if (path == null) {
            throw new SettingException(setting + " is not set: a token for another audience needs a path");
        }
        String other = tokenFiles.putIfAbsent(normal(path), setting);
        if (other != null) {
            throw wrong(setting, path, "a separate file; this file belongs to " + other);
        }
        requireOutsideOfDirectory(setting, path);
        String written = writtenFiles.get(normal(path));
        if (written != null) {
            throw wrong(setting, path, "a file that the guardian does not write; this file belongs to " + written);
        }
        sources.add(
                new AudienceToken.Source(name, path, values.getList(DeclaredSettings.TOKENS_AUDIENCES.forToken(name))));
    }

    private void readCopy(AudienceToken.Source source) {
        Setting<Path> declared = DeclaredSettings.TOKENS_VETTED.forToken(source.name());
        String setting = declared.name();
        Path path = values.find(declared);
        if (path == null) {
            return;
        }
        requireOutsideOfDirectory(setting, path);
        addWritten(setting, path);
        copies.add(new VettedSettings.Copy(source.name(), source.path(), path));
    }

    /** Whether {@code file} is outside of {@code directory}, or has a name in it that the guardian does not use. */
    private static boolean isFreeOf(Path file, Path directory) {
        if (!file.startsWith(directory)) {
            return true;
        }
        String first = file.equals(directory)
                ? ""
                : directory.relativize(file).getName(0).toString();
        return !(first.isEmpty() || first.startsWith("..") || VettedSettings.FILES.contains(first));
    }

    private void addWritten(String setting, Path path) {
        String read = tokenFiles.get(normal(path));
        if (read != null) {
            throw wrong(setting, path, "a file that no token is read from; this file belongs to " + read);
        }
        String other = writtenFiles.putIfAbsent(normal(path), setting);
        if (other != null) {
            throw wrong(setting, path, "a separate file; this file belongs to " + other);
        }
    }

    private void requireOutsideOfDirectory(String setting, Path path) {
        if (vetted.directory() != null && normal(path).startsWith(normal(vetted.directory()))) {
            throw wrong(setting, path, "a file outside of guardian.vetted.directory");
        }
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static SettingException wrong(String setting, Object value, String allowed) {
        return new SettingException(setting + ": \"" + value + "\" is wrong; allowed is " + allowed);
    }
}
