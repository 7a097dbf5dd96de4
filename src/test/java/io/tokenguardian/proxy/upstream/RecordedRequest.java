package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request that adds its result to a list: the channel that it gets, or its fault. It keeps its connection. */
class RecordedRequest implements WaitingRequest {

    private final Supplier<@Nullable Token> unproven;
    private final List<Object> results;

    /** @param unproven supplies the token to send over a connection whose replica refuses it */
    RecordedRequest(Supplier<@Nullable Token> unproven, List<Object> results) {
        this.unproven = unproven;
        this.results = results;
    }

    @Override
    public boolean ownCredential() {
        return false;
    }

    @Override
    public @Nullable Token unprovenToken() {
        return unproven.get();
    }

    @Override
    public boolean mayUseProofOf(long provenAt) {
        return true;
    }

    @Override
    public void onLeased(Upstream upstream, @Nullable Token token, boolean asItIs) {
        results.add(upstream.channel());
    }

    @Override
    public void onHeld(String reason, @Nullable Finding refusal) {}

    @Override
    public void fail(ProxyFault fault, @Nullable String detail) {
        results.add(fault);
    }
}
