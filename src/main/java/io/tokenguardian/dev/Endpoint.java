package io.tokenguardian.dev;

import java.util.Optional;

/** One part of the API. */
@FunctionalInterface
interface Endpoint {

    /** Returns the response; empty if the request is for another part. Never blocks. */
    Optional<Response> answer(ApiRequest request);
}
