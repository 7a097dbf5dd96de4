package io.tokenguardian.proxy.request;

import java.util.Locale;

/** Why a caller would have got a 401 without the proxy. */
public enum SavedReason {
    /** The replica refused the token while another replica accepted it, or before it accepted the token itself. */
    CLOCK,

    /** The token sent had been replaced. It was the caller's own token, or the proxy's previous token. */
    ROTATION,

    /** No clock explains the refusal. The replica did not yet know the key or the account, or no longer knew it. */
    UNEXPLAINED;

    /** The name in metrics and status. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
