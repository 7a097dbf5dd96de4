package io.tokenguardian.proxy.caller;

import com.google.re2j.Pattern;
import io.netty.handler.codec.http.HttpRequest;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.RequestRefusedException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The {@code accept-paths} and {@code reject-paths} rules. As in kubectl proxy (kubectl,
 * {@code pkg/proxy/proxy_server.go}), a pattern may match anywhere in the decoded path, and the path {@code /} is
 * treated as an empty string. A path with dot segments, empty segments, or encoded slashes, backslashes, dots or
 * percent signs is ambiguous. An ambiguous path is refused, because the API server might interpret it differently.
 */
final class PathRule implements RequestRule {

    private static final String ROOT = "/";

    /** The default of {@code accept-paths}. */
    private static final String ANY_PATH = "^.*";

    private final List<Pattern> accepted;
    private final List<Pattern> rejected;

    PathRule(List<Pattern> accepted, List<Pattern> rejected) {
        this.accepted = accepted;
        this.rejected = rejected;
    }

    /** Whether these patterns allow every path, so that no rule is needed. */
    static boolean letsAllPass(List<Pattern> accepted, List<Pattern> rejected) {
        return rejected.isEmpty() && accepted.stream().map(Pattern::pattern).anyMatch(ANY_PATH::equals);
    }

    @Override
    public void check(HttpRequest request) {
        String path = decode(pathOf(request.uri()));
        String matchedText = path.equals(ROOT) ? "" : path;
        // "^/$" rejects "/" here, which is stricter than kubectl proxy.
        if (matches(rejected, matchedText) || (path.equals(ROOT) && matches(rejected, path))) {
            throw new RequestRefusedException(ProxyFault.PATH_REFUSED, "reject-paths matches it");
        }
        if (!matches(accepted, matchedText)) {
            throw new RequestRefusedException(ProxyFault.PATH_REFUSED, "accept-paths does not match it");
        }
    }

    private static boolean matches(List<Pattern> patterns, String path) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(path).find());
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static String decode(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        if (lower.contains("%2f") || lower.contains("%2e") || lower.contains("%5c") || lower.contains("%25")) {
            throw ambiguous("an encoded slash, backslash, dot or percent sign");
        }
        if (path.contains("//")) {
            throw ambiguous("an empty segment");
        }
        if (path.contains("/./") || path.contains("/../") || path.endsWith("/.") || path.endsWith("/..")) {
            throw ambiguous("a dot segment");
        }
        return path.indexOf('%') < 0 ? path : percentDecoded(path);
    }

    private static String percentDecoded(String path) {
        ByteBuffer bytes = ByteBuffer.allocate(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '%') {
                bytes.put((byte) path.charAt(i));
                continue;
            }
            int high = i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
            int low = i + 2 < path.length() ? Character.digit(path.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw ambiguous("an invalid percent-encoding");
            }
            bytes.put((byte) (high << 4 | low));
            i += 2;
        }
        return characters(bytes.flip());
    }

    /** Decodes UTF-8 as Go's regexp does: each byte that is not part of a valid character becomes one U+FFFD. */
    private static String characters(ByteBuffer bytes) {
        CharBuffer characters = CharBuffer.allocate(bytes.remaining());
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        while (decoder.decode(bytes, characters, true).isMalformed()) {
            bytes.get();
            characters.put('\uFFFD');
        }
        return characters.flip().toString();
    }

    private static RequestRefusedException ambiguous(String what) {
        return new RequestRefusedException(ProxyFault.PATH_REFUSED, what + " in a path that a rule must check");
    }
}
