package io.tokenguardian.config;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.ReadyFollows;
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

/** The {@code guardian.*} settings, read and checked. */
public record Settings(
        Path tokenFile,
        ApiServerSettings apiServer,
        int confirmations,
        AcceptedBy acceptedBy,
        ReadyFollows readyFollows,
        Duration waitTimeout,
        ProxySettings proxy,
        VettedSettings vetted,
        boolean podCondition,
        boolean quitEnabled) {

    /** {@code leeway} is for a token's times: 60 s in every release (docs/api-server.md, Token validity). */
    public record ApiServerSettings(ApiServerAddress address, Path ca, Duration leeway) {}

    /** Reads no other setting: an invalid one must not stop {@code wait} and {@code exec} while the guardian is off. */
    public static boolean areOff(Config config) {
        return new SettingValues(config).get(DeclaredSettings.DISABLED);
    }

    public boolean areOff() {
        return acceptedBy == AcceptedBy.NOBODY;
    }

    /** Lists all settings with their values in {@code config}, valid or not. */
    public static Listing list(Config config) {
        return new SettingsListing(config).listing();
    }

    /** Checks the Quarkus settings, since Quarkus does not report what is allowed. Host names must resolve here. */
    public static void checkListeners(Config config) {
        SettingValues values = new SettingValues(config);
        DeclaredSettings.all().stream()
                .filter(setting -> setting.name().startsWith("quarkus."))
                .forEach(values::find);
        address(values, DeclaredSettings.LOCAL_HOST);
        address(values, DeclaredSettings.MANAGEMENT_HOST);
    }

    /** Throws a {@link SettingException} for an invalid setting, or a host name that can't be resolved. */
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

    /** All settings, and one line for each error that is not about one value, such as an unknown name. */
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
     * One listed setting, in which possible credentials are masked.
     *
     * @param defaultText the default as a user would set it, or a description of the default
     * @param value the effective value; null if none
     * @param error one line that states what is wrong and what is allowed; null if the value is valid
     */
    public record Listed(
            String name,
            String variable,
            String defaultText,
            @Nullable String value,
            String origin,
            @Nullable String error) {}
}
