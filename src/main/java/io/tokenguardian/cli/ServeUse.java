package io.tokenguardian.cli;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.proxy.StaleCaller;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@code GET /status} that {@code check} shows. If the guardian is too old to report it,
 * {@code staleCallers} is empty and {@code saved} is null.
 */
record ServeUse(List<StaleCaller> staleCallers, @Nullable Map<String, Object> saved) {
    static final ServeUse NONE = new ServeUse(List.of(), null);

    /** @throws ParseException if {@code status} is not the status of a guardian */
    static ServeUse of(Map<String, Object> status) throws ParseException {
        List<StaleCaller> callers = new ArrayList<>();
        Map<String, Object>[] rows = JSONObjectUtils.getJSONObjectArray(status, "staleCallers");
        for (Map<String, Object> row : rows == null ? List.<Map<String, Object>>of() : List.of(rows)) {
            callers.add(staleCaller(row));
        }
        return new ServeUse(callers, JSONObjectUtils.getJSONObject(status, "saved"));
    }

    private static StaleCaller staleCaller(Map<String, Object> row) throws ParseException {
        Instant lastSeen = instant(row.get("lastSeen"));
        if (lastSeen == null) {
            throw new ParseException("no lastSeen", 0);
        }
        return new StaleCaller(
                ServeStatus.text(row, "userAgent"),
                instant(row.get("tokenIssuedAt")),
                instant(row.get("replacedAt")),
                instant(row.get("wouldFailAt")),
                JSONObjectUtils.getLong(row, "requests"),
                lastSeen,
                false);
    }

    private static @Nullable Instant instant(@Nullable Object value) throws ParseException {
        try {
            return value instanceof String text ? Instant.parse(text) : null;
        } catch (DateTimeException e) {
            throw new ParseException(e.getMessage(), 0);
        }
    }
}
