package io.tokenguardian.dev;

import java.util.Optional;

/** One part of the API. */
@FunctionalInterface
interface Endpoint {

    /** The answer; empty when the request is for another part. Never waits. */
    Optional<Response> answer(ApiRequest request);
}
