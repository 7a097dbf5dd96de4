package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table from HTTP status to reply. Nothing of the server's own wording but the user's name gets through. */
final class ReplyReader {

    static final int NOT_FOUND = 404;
    static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(5);

    static final int FORBIDDEN = 403;

    private static final int UNAUTHORIZED = 401;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private ReplyReader() {}

    static Reply read(ApiServerAddress address, Question question, Exchange.Response response) {
        int status = response.status();
        if (status == UNAUTHORIZED) {
            return new Reply.Unauthorized();
        }
        if (status == FORBIDDEN) {
            return new Reply.Authenticated(null);
        }
        if (status >= 200 && status < 300) {
            return new Reply.Authenticated(user(response.body()));
        }
        return unavailable(address, question.toString(), response);
    }

    /** An answer, but not to {@code question}. */
    static Reply unavailable(ApiServerAddress address, String question, Exchange.Response response) {
        String status = HttpResponseStatus.valueOf(response.status()).toString();
        return new Reply.Unavailable(
                "%s answered %s to %s".formatted(address, status, question), retryAfter(response.headers()));
    }

    /** {@code status.userInfo.username} of a SelfSubjectReview. */
    private static @Nullable String user(String body) {
        try {
            Map<String, Object> status = JSONObjectUtils.getJSONObject(JSONObjectUtils.parse(body), "status");
            Map<String, Object> user = status == null ? null : JSONObjectUtils.getJSONObject(status, "userInfo");
            return user == null ? null : JSONObjectUtils.getString(user, "username");
        } catch (ParseException e) {
            return null;
        }
    }

    /** Seconds alone, which is what an API server sends; a date would be on a clock that is in doubt here. */
    private static @Nullable Duration retryAfter(HttpHeaders headers) {
        List<String> values = headers.getAll(HttpHeaderNames.RETRY_AFTER);
        if (values.size() != 1 || !SECONDS.matcher(values.get(0)).matches()) {
            return null;
        }
        Duration wish = Duration.ofSeconds(Long.parseLong(values.get(0)));
        return wish.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wish;
    }
}
