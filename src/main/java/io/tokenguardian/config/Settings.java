package io.tokenguardian.config;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.AudienceToken;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.vetted.VettedSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * The {@code guardian.*} settings, read and checked. {@link DeclaredSettings} has their names, defaults and bounds.
 *
 * @param tokenFile the file of the main token
 * @param confirmations on how many consecutive new connections the token must be accepted
 * @param acceptedBy which replicas must accept the token for {@code started}, {@code ready} and similar results
 * @param waitTimeout how long {@code wait} and {@code exec} wait
 * @param vetted the files that are written for the app, including the copies of audience tokens
 * @param audienceTokens the tokens for other audiences, ordered by name
 */
public record Settings(
        Path tokenFile,
        ApiServer apiServer,
        int confirmations,
        AcceptedBy acceptedBy,
        Duration waitTimeout,
        ProxySettings proxy,
        VettedSettings vetted,
        Kubernetes kubernetes,
        List<AudienceToken.Source> audienceTokens) {

    public Settings {
        audienceTokens = List.copyOf(audienceTokens);
    }

    /**
     * The settings of the API server.
     *
     * @param ca the file of the API server's CA certificates, in PEM
     * @param leeway how far a token's times may differ from the API server's clock; 60 s in every release
     *     (docs/api-server.md, Token validity)
     * @param discoverReplicas whether to probe each replica at its own address
     */
    public record ApiServer(ApiServerAddress address, Path ca, Duration leeway, boolean discoverReplicas) {}

    /**
     * Whether {@code guardian.disabled} turns the guardian off. Reads no other setting, because while the guardian is
     * off, {@code wait} and {@code exec} continue at once, and an invalid setting must not stop them.
     *
     * @throws SettingException if the value is neither {@code true} nor {@code false}
     */
    public static boolean areOff(Config config) {
        return new SettingValues(config).get(DeclaredSettings.DISABLED);
    }

    public boolean areOff() {
        return acceptedBy == AcceptedBy.NOBODY;
    }

    /** Returns these settings with the guardian turned off. */
    Settings off() {
        return new Settings(
                tokenFile,
                apiServer,
                confirmations,
                AcceptedBy.NOBODY,
                waitTimeout,
                proxy.passingThrough(),
                vetted,
                kubernetes,
                audienceTokens);
    }

    /** Lists all settings with their values in {@code config}, valid or not. */
    public static Listing list(Config config) {
        return new SettingsListing(config).listing();
    }

    /**
     * Checks the Quarkus settings in {@link DeclaredSettings}, because Quarkus itself does not report which values are
     * allowed. A host name must be resolvable here.
     *
     * @throws SettingException on the first invalid setting
     */
    public static void checkListeners(Config config) {
        SettingValues values = new SettingValues(config);
        DeclaredSettings.OF_QUARKUS.forEach(values::find);
        address(values, DeclaredSettings.LOCAL_HOST);
        address(values, DeclaredSettings.MANAGEMENT_HOST);
    }

    /**
     * Returns the address of the local listener of {@code serve}, from {@code quarkus.http.host} and {@code .port}.
     *
     * @throws SettingException if either setting is invalid, or the host name can't be resolved
     */
    public static InetSocketAddress localListener(Config config) {
        SettingValues values = new SettingValues(config);
        return new InetSocketAddress(
                address(values, DeclaredSettings.LOCAL_HOST), values.get(DeclaredSettings.LOCAL_PORT));
    }

    private static InetAddress address(SettingValues values, Setting<String> setting) {
        String host = values.get(setting);
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new SettingException(setting.name() + ": \"" + host
                    + "\" is wrong; allowed is an IP address or the name of a host that is known here");
        }
    }

    /**
     * All settings, in the order of the table in docs/reference.md.
     *
     * @param errors errors that belong to no listed setting, such as an unknown name; one line each
     */
    public record Listing(List<Listed> settings, List<String> errors) {
        public Listing {
            settings = List.copyOf(settings);
            errors = List.copyOf(errors);
        }

        /** Whether the program would start with these settings. */
        public boolean isRight() {
            return errors.isEmpty() && settings.stream().allMatch(setting -> setting.error() == null);
        }
    }

    /**
     * One listed setting, from which possible credentials have been removed.
     *
     * @param name the property, such as {@code guardian.token.path}
     * @param variable the environment variable
     * @param defaultText the default as a user would set it, or a description of the default
     * @param value the effective value; null if none
     * @param origin where the value comes from
     * @param error one line that states what is wrong and what is allowed; null if the value is valid
     */
    public record Listed(
            String name,
            String variable,
            String defaultText,
            @Nullable String value,
            String origin,
            @Nullable String error) {}

    /**
     * The settings for writing to Kubernetes.
     *
     * @param podCondition whether to set the {@code token-guardian.io/TokenAccepted} condition on the pod
     * @param events whether to report changes to the verdict as events of the pod
     */
    public record Kubernetes(boolean podCondition, boolean events) {}
}
