package io.tokenguardian.laptop;

/** The values of {@code -o}. */
public enum OutputFormat {
    text,
    json,
    svg
}
