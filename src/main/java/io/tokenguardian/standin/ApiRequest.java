package io.tokenguardian.standin;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that has been read completely, from a user who is authorized to make it. */
@SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
record ApiRequest(ReceivedHead head, HttpHeaders headers, byte[] body, User user, Authenticator authenticator) {

    String method() {
        return head.method();
    }

    String path() {
        return head.path();
    }

    boolean isGetOrHead() {
        return method().equals("GET") || method().equals("HEAD");
    }

    /** The first value of a query parameter; null if the parameter is absent. */
    @Nullable
    String parameter(String name) {
        List<String> values = new QueryStringDecoder(head.uri()).parameters().get(name);
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    /**
     * Reads a boolean parameter as apimachinery does: false if the parameter is absent, {@code 0} or {@code false};
     * true for any other value.
     */
    boolean isTrue(String parameter) {
        String value = parameter(parameter);
        return value != null && !value.equals("0") && !value.equalsIgnoreCase("false");
    }
}
