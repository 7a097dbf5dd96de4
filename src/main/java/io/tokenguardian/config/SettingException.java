package io.tokenguardian.config;

/** Reports a wrong setting in one line: its name, its value and what is allowed. */
public final class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingException(String message) {
        super(message);
    }
}
