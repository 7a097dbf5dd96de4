package io.tokenguardian.proxy.upstream;

import io.tokenguardian.apiserver.ConnectFailure;
import io.tokenguardian.proxy.http.ProxyFault;

/**
 * Why a connection failed.
 *
 * @param detail one line that a person can read
 * @param isFinal whether another attempt is pointless, because a person must act
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
