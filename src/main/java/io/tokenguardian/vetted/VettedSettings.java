package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The checked settings for the files that are written for the app ({@code guardian.vetted.*}). A null path means none.
 */
public record VettedSettings(
        @Nullable Path directory, @Nullable Path kubeconfig, TokenContent content, FileAccess access) {
    public enum TokenContent {
        /**
         * A token that all known replicas accept. {@link ServiceAccountDirectory} describes how long the token remains.
         */
        ACCEPTED,

        /** A token that at least one replica accepts. */
        USABLE,

        /**
         * The token that the verdict is about, whether accepted or not, with a fixed text instead of its signature. A
         * newer token replaces it only when the newer token comes into use.
         */
        PLACEHOLDER;

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
}
