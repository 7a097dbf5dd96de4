package io.tokenguardian.apiserver;

import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses {@code Date} as IMF-fixdate (RFC 9110, section 5.6.7). */
public final class HttpDate {
    private HttpDate() {}

    /** Null unless {@code values} is exactly one date, because a doubtful clock is worse than none. */
    public static @Nullable Instant parse(List<String> values) {
        String text = values.size() == 1 ? values.get(0) : "";
        try {
            Instant date = Instant.from(RFC_1123_DATE_TIME.parse(text));
            // The JDK also reads other forms. It writes a day before the tenth without a zero.
            String written = RFC_1123_DATE_TIME.format(date.atOffset(ZoneOffset.UTC));
            return text.replace(", 0", ", ").equals(written) && text.charAt(7) == ' ' ? date : null;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
