package io.tokenguardian.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The page as served: one file. Its content security policy allows only its own style and script, by their hashes, and
 * connections to the guardian.
 */
record Page(String html, String contentSecurityPolicy) {
    private static final String FILE = "/page.html";

    static Page load() {
        try (InputStream in = Page.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not in the program");
            }
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Page of(String html) {
        return new Page(
                html,
                "default-src 'none'; connect-src 'self'; img-src data:; style-src " + hash(between(html, "style"))
                        + "; script-src " + hash(between(html, "script"))
                        + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    private static String between(String html, String element) {
        int start = html.indexOf("<" + element + ">") + element.length() + 2;
        return html.substring(start, html.indexOf("</" + element + ">", start));
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
