package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tokenguardian.token.JsonObjects;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Converts a response into an outcome. The user's name is the only text from the server that is passed on. */
final class ProbeOutcomeReader {

    static final int OK = 200;
    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int UNAVAILABLE = 503;
    static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(5);

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private ProbeOutcomeReader() {}

    static ProbeOutcome read(ApiServerAddress address, ProbeRequest request, ProbeResponse response) {
        int status = response.status();
        if (status == UNAUTHORIZED) {
            return new ProbeOutcome.Unauthorized();
        }
        if (status >= 200 && status < 300) {
            return new ProbeOutcome.Authenticated(user(response.body()));
        }
        if (status == FORBIDDEN || response.isMarked()) {
            return new ProbeOutcome.Authenticated(null, retryAfter(response.headers()));
        }
        return new ProbeOutcome.Unavailable(
                "%s answered %s to %s".formatted(address, HttpResponseStatus.valueOf(status), request),
                retryAfter(response.headers()));
    }

    /** Returns {@code status.userInfo.username} of a SelfSubjectReview; null if it is missing. */
    private static @Nullable String user(String body) {
        try {
            Map<String, Object> status = JSONObjectUtils.getJSONObject(JsonObjects.parse(body), "status");
            Map<String, Object> user = status == null ? null : JSONObjectUtils.getJSONObject(status, "userInfo");
            return user == null ? null : JSONObjectUtils.getString(user, "username");
        } catch (ParseException e) {
            return null;
        }
    }

    /** Only in seconds, as API servers send it: a date would be relative to a clock that may be wrong. */
    private static @Nullable Duration retryAfter(HttpHeaders headers) {
        List<String> values = headers.getAll(HttpHeaderNames.RETRY_AFTER);
        if (values.size() != 1 || !SECONDS.matcher(values.get(0)).matches()) {
            return null;
        }
        Duration wait = Duration.ofSeconds(Long.parseLong(values.get(0)));
        return wait.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wait;
    }
}
