package io.tokenguardian.vetted;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checked settings of the files for the app, above all {@code guardian.vetted.*}.
 *
 * @param directory {@code guardian.vetted.directory}: where {@code token}, {@code ca.crt} and {@code namespace} are
 *     written; null for none
 * @param kubeconfig {@code guardian.vetted.kubeconfig}: where a kubeconfig that leads to the proxy is written; null for
 *     none
 * @param access {@code guardian.vetted.mode} and {@code .group}: mode and group of the token files
 * @param copies {@code guardian.tokens.NAME.vetted}: where audience tokens are written
 */
public record VettedSettings(
        @Nullable Path directory, @Nullable Path kubeconfig, FileAccess access, List<Copy> copies) {
    public static final VettedSettings DEFAULTS = new VettedSettings(null, null, new FileAccess(null, null), List.of());

    /**
     * The copy of an audience token.
     *
     * @param name the audience token's name
     * @param source the file from which the token is read
     */
    public record Copy(String name, Path source, Path path) {}

    public VettedSettings {
        copies = List.copyOf(copies);
    }
}
