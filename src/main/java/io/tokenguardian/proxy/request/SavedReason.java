package io.tokenguardian.proxy.request;

/** Why a caller would have got a 401 without the proxy. */
public enum SavedReason {
    /** The replica refused the token while another replica accepted it, or before it accepted the token itself. */
    CLOCK("clock"),

    /** The token sent had been replaced. It was the caller's own token, or the proxy's previous token. */
    ROTATION("rotation"),

    /** No clock explains the refusal. The replica did not yet know the key or the account, or no longer knew it. */
    UNEXPLAINED("unexplained");

    private final String word;

    SavedReason(String word) {
        this.word = word;
    }

    /** The name in metrics and status. */
    public String word() {
        return word;
    }
}
