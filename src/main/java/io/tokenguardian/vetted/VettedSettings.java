package io.tokenguardian.vetted;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code guardian.vetted.*}, checked.
 *
 * @param directory {@code guardian.vetted.directory}: where {@code token}, {@code ca.crt} and {@code namespace} are written;
 *     default none
 * @param kubeconfig {@code guardian.vetted.kubeconfig}: where a kubeconfig that leads to the proxy is written; default none
 * @param access {@code guardian.vetted.mode} and {@code .group}: who may read the token there; default 0640 without what the
 *     source's mode does not allow, and the group that the file system gives
 */
public record VettedSettings(
        @Nullable Path directory, @Nullable Path kubeconfig, Access access) {
    public static final VettedSettings DEFAULTS = new VettedSettings(null, null, new Access(null, null));
}
