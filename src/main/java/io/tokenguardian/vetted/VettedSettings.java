package io.tokenguardian.vetted;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of what is written for the app, {@code guardian.vetted.*} above all, checked.
 *
 * @param directory {@code guardian.vetted.directory}: where {@code token}, {@code ca.crt} and {@code namespace} are written;
 *     default none
 * @param kubeconfig {@code guardian.vetted.kubeconfig}: where a kubeconfig that leads to the proxy is written; default none
 * @param access {@code guardian.vetted.mode} and {@code .group}: who may read the token there; default 0640 without what the
 *     source's mode does not allow, and the group that the file system gives
 * @param copies {@code guardian.tokens.NAME.vetted}: where further tokens are written
 */
public record VettedSettings(
        @Nullable Path directory, @Nullable Path kubeconfig, Access access, List<Copy> copies) {
    public static final VettedSettings DEFAULTS = new VettedSettings(null, null, new Access(null, null), List.of());

    /**
     * A further token's copy.
     *
     * @param name of the further token
     * @param source the file that it is read from
     */
    public record Copy(String name, Path source, Path path) {}

    public VettedSettings {
        copies = List.copyOf(copies);
    }
}
