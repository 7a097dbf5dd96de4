package io.tokenguardian.apiserver;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The {@code Date} header in the one format that servers send (RFC 9110, section 5.6.7: IMF-fixdate). */
public final class HttpDate {

    /** A year must have four digits. The formatter would accept other lengths, and signs. */
    private static final int LENGTH = "Sun, 06 Nov 1994 08:49:37 GMT".length();

    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
            .withResolverStyle(ResolverStyle.STRICT)
            .withZone(ZoneOffset.UTC);

    private HttpDate() {}

    /** Returns null unless there is exactly one value and it is a date: a doubtful clock is worse than none. */
    public static @Nullable Instant parse(List<String> values) {
        if (values.size() != 1 || values.get(0).length() != LENGTH) {
            return null;
        }
        try {
            return IMF_FIXDATE.parse(values.get(0), Instant::from);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
