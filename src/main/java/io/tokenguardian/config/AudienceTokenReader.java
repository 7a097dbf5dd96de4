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
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final SettingValues values;
    private final VettedSettings vetted;
    private final List<AudienceToken.Source> sources = new ArrayList<>();
    private final List<VettedSettings.Copy> copies = new ArrayList<>();

    /** The files that the guardian reads tokens from or writes, and for each the first setting that names it. */
    private final Map<Path, String> files = new HashMap<>();

    /** @throws SettingException on the first invalid setting */
    AudienceTokenReader(Config config, SettingValues values, Path token, VettedSettings vetted) {
        this.values = values;
        this.vetted = vetted;
        claim(DeclaredSettings.TOKEN_PATH.name(), token);
        Path directory = vetted.directory();
        if (directory != null) {
            VettedSettings.FILES.forEach(
                    file -> claim(DeclaredSettings.VETTED_DIRECTORY.name(), directory.resolve(file)));
        }
        if (vetted.kubeconfig() != null) {
            claim(DeclaredSettings.VETTED_KUBECONFIG.name(), vetted.kubeconfig());
        }
        names(config).forEach(this::readSource);
        sources.forEach(this::readCopy);
    }

    List<AudienceToken.Source> sources() {
        return sources;
    }

    /** Returns the files that the guardian writes, including the copies of audience tokens. */
    VettedSettings vetted() {
        return new VettedSettings(vetted.directory(), vetted.kubeconfig(), vetted.content(), vetted.access(), copies);
    }

    /** @throws SettingException on the first invalid name */
    static Set<String> names(Config config) {
        Set<String> names = new TreeSet<>();
        StreamSupport.stream(config.getConfigSources().spliterator(), false).forEach(source -> {
            boolean environment = SettingValues.isEnvironmentSource(source.getName());
            for (String property : source.getPropertyNames()) {
                Matcher matcher = (environment ? VARIABLE : PROPERTY).matcher(property);
                boolean service = environment && SettingValues.isOfService(property, source.getValue(property));
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
        Setting<Path> setting = DeclaredSettings.TOKENS_PATH.forToken(name);
        Path path = values.find(setting);
        if (path == null) {
            throw new SettingException(setting.name() + " is not set: a token for another audience needs a path");
        }
        claim(setting.name(), path);
        sources.add(
                new AudienceToken.Source(name, path, values.getList(DeclaredSettings.TOKENS_AUDIENCES.forToken(name))));
    }

    private void readCopy(AudienceToken.Source source) {
        Setting<Path> setting = DeclaredSettings.TOKENS_VETTED.forToken(source.name());
        Path path = values.find(setting);
        if (path == null) {
            return;
        }
        claim(setting.name(), path);
        copies.add(new VettedSettings.Copy(source.name(), source.path(), path));
    }

    private void claim(String setting, Path path) {
        String other = files.putIfAbsent(path.toAbsolutePath().normalize(), setting);
        if (other != null) {
            throw new SettingException(
                    setting + ": \"" + path + "\" is wrong; allowed is a separate file; this file belongs to " + other);
        }
    }
}
