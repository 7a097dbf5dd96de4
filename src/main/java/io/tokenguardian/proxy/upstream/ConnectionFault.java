package io.tokenguardian.proxy.upstream;

import io.tokenguardian.apiserver.ConnectFailure;
import io.tokenguardian.proxy.http.ProxyFault;

/**
 * Why a connection failed.
 *
 * @param detail a single human-readable line
 * @param isFinal whether another attempt is pointless until a person intervenes, or until a connection is free
 */
public record ConnectionFault(ProxyFault fault, String detail, boolean isFinal) {

    static ConnectionFault of(ConnectFailure failure) {
        boolean silent = failure.kind() == ConnectFailure.Kind.SILENT;
        return new ConnectionFault(
                silent ? ProxyFault.UPSTREAM_SILENT : ProxyFault.UPSTREAM_UNREACHABLE,
                failure.explanation(),
                failure.kind() == ConnectFailure.Kind.FINAL);
    }
}
