package io.tokenguardian.standin;

import java.util.Optional;

/** One part of the API. */
@FunctionalInterface
interface Endpoint {

    /** Returns the response; empty if another part of the API handles the request. Never blocks. */
    Optional<Response> answer(ApiRequest request);
}
