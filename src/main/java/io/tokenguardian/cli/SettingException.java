package io.tokenguardian.cli;

/** A wrong setting, in one line: its name, its value and what is allowed. */
final class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SettingException(String message) {
        super(message);
    }
}
