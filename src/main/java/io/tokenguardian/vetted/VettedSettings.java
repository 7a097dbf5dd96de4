package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checked settings of the files for the app, mainly {@code guardian.vetted.*}.
 *
 * @param directory {@code guardian.vetted.directory}: where {@link #FILES} are written; null for none
 * @param kubeconfig {@code guardian.vetted.kubeconfig}: where a kubeconfig for the proxy is written; null for none
 * @param content {@code guardian.vetted.token}: the content of {@code token} in the directory
 * @param access {@code guardian.vetted.mode} and {@code .group}: mode and group of the token files
 * @param copies {@code guardian.tokens.NAME.vetted}: where audience tokens are written
 */
public record VettedSettings(
        @Nullable Path directory,
        @Nullable Path kubeconfig,
        TokenContent content,
        FileAccess access,
        List<Copy> copies) {
    /** The files in the directory, as in-cluster clients expect them. */
    public static final List<String> FILES =
            List.of(ServiceAccountDirectory.TOKEN, ServiceAccountDirectory.CA, ServiceAccountDirectory.NAMESPACE);

    public static final VettedSettings DEFAULTS =
            new VettedSettings(null, null, TokenContent.ACCEPTED, new FileAccess(null, null), List.of());

    /** The content of a token file. */
    public enum TokenContent {
        /** A token that all known replicas accept. For what happens after it is written, see {@link TokenPublisher}. */
        ACCEPTED,

        /** A token that at least one replica accepts. */
        USABLE,

        /**
         * The claims, without the signature, of the token that the verdict is about, accepted or not. A newer token
         * follows only when it is in use.
         */
        PLACEHOLDER;

        /** The token from which the file is made; null if none is available. */
        @Nullable
        Token tokenOf(TokenStatus tokenStatus) {
            return switch (this) {
                case ACCEPTED -> tokenStatus.acceptedToken();
                case USABLE -> tokenStatus.usableToken();
                case PLACEHOLDER -> tokenStatus.token();
            };
        }

        String text(Token source) {
            return this == PLACEHOLDER ? source.placeholder() : source.bearer();
        }
    }

    /**
     * The copy of an audience token.
     *
     * @param name the audience token's name
     * @param source the token's file
     */
    public record Copy(String name, Path source, Path path) {}

    public VettedSettings {
        copies = List.copyOf(copies);
    }
}
