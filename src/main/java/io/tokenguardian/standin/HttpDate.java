package io.tokenguardian.standin;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Formats a {@code Date} header in whole seconds, rounded down (docs/api-server.md, 401 responses). Caches the last
 * text, which is valid for 1 s.
 */
final class HttpDate {

    /** Always uses two digits for the day, unlike RFC_1123_DATE_TIME. */
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private record Text(long second, String text) {}

    private volatile Text last = new Text(0, FORMAT.format(Instant.EPOCH));

    String of(Instant instant) {
        Text known = last;
        if (known.second() != instant.getEpochSecond()) {
            known = new Text(instant.getEpochSecond(), FORMAT.format(instant));
            last = known;
        }
        return known.text();
    }
}
