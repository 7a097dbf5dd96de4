package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckTextTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();
    private static final String ESCAPE = "\u001b";
    private static final TokenStatus ACCEPTED = TokenStatuses.with(
            TokenStatuses.of(NOON, new Verdict.Accepted(NOON, TokenStatuses.USER), TOKEN, NOON.plusMillis(250)),
            TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ofSeconds(-3)));

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final CheckText checkText = new CheckText(Path.of("/token"), "10.96.0.1:443", time.timeline());

    @Test
    void theTokenTheClocksAndTheVerdictAreShown() {
        assertThat(plain(ACCEPTED)).isEqualTo("""
                Token       /token
                            system:serviceaccount:shop:cart, for https://kubernetes.default.svc.cluster.local
                            issued 2026-03-01T12:00:00Z, not before 2026-03-01T12:00:00Z, \
                acceptable from 2026-03-01T11:59:00Z, warn after 2026-03-01T13:00:07Z, expires 2027-03-01T12:00:00Z
                Node        clock 2026-03-01T12:00:00Z
                API server  a at 10.96.0.1:443  accepted, clock -2.500 s ± 0.500 s relative to the node's \
                since 2026-03-01T12:00:00Z, observed by probe, authenticates it as system:serviceaccount:shop:cart

                Verdict     accepted
                            The API server accepts the token of system:serviceaccount:shop:cart.
                """);
    }

    @Test
    void staleCallersOfTheProxyComeFirst() {
        StaleCaller stale = new StaleCaller("app/1", NOON, NOON.minusSeconds(600), null, 1, NOON, false);
        StaleCaller foreign = new StaleCaller("app/2", null, null, null, 1, NOON, false);

        assertThat(checkText.of(ACCEPTED, List.of(stale, foreign), null)).startsWith("""
                        Warning     A caller (user agent app/1) still sends the token that was issued at \
                        2026-03-01T12:00:00Z, although kubelet has replaced it. The proxy replaces it: \
                        the requests have the rights of this pod.
                                    Have it read the token file again, at least once a minute, or restart it.

                        Warning     A caller (user agent app/2) sends a token that is not this pod's. The proxy replaces it: \
                        the requests have the rights of this pod.

                        Token       /token
                        """);
    }

    @Test
    void theProxysSavingsComeLast() {
        assertThat(checkText.of(ACCEPTED, List.of(), "In 2 h: 1 request."))
                .isEqualTo(plain(ACCEPTED) + "\nProxy       In 2 h: 1 request.\n");
    }

    @Test
    void aUserNameFromAReplicaCannotControlTheTerminal() {
        KnownReplica hostile = new KnownReplica(
                TokenStatuses.ADDRESS, "a", List.of(), null, Finding.ACCEPTED, "a" + ESCAPE + "[2J\nb", NOON);

        assertThat(plain(TokenStatuses.with(ACCEPTED, hostile)))
                .contains("authenticates it as a\\u001b[2J\\u000ab")
                .doesNotContain(ESCAPE);
    }

    @Test
    void claimsCannotMoveTheCursor() {
        Token hostile = TestTokens.issuedAt(NOON)
                .subject("a" + ESCAPE + "[2Jb\nc")
                .audience("d\re")
                .token();

        assertThat(plain(TokenStatuses.of(NOON, new Verdict.Refused(TokenStatuses.ADDRESS, null), hostile)))
                .contains("            a\\u001b[2Jb\\u000ac, for d\\u000de\n")
                .doesNotContain(ESCAPE);
    }

    private String plain(TokenStatus tokenStatus) {
        return checkText.of(tokenStatus);
    }
}
