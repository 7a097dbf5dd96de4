package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A token whose key is known to one API server, but not yet to another. */
@Tag("envtest")
class KeyRolloutIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    @RegisterExtension
    final ConnectionDealer dealer = new ConnectionDealer(plane.apiServers());

    KeyRolloutIT() throws IOException {}

    @Test
    void callersGetNo401WhenAServerHasTheKeyAndReadinessNeedsAll(@TempDir Path directory) throws Exception {
        String token = plane.files().issue(account.spec().signedBy(TokenSpec.Signer.UNKNOWN_KEY));
        try (ApiServer knowing =
                plane.startAnother("--service-account-key-file=" + plane.files().furtherKey())) {
            assertThat(plane.apiServer(2).with(token).get("/api").status()).isEqualTo(401);
            assertThat(knowing.with(token).get("/api").status()).isEqualTo(200);
            dealer.dealTo(List.of(plane.apiServer(2)));
            try (GuardedPod pod = new GuardedPod(directory, token, dealer, Map.of())) {
                pod.awaitLine("verdict=refused");
                dealer.dealTo(List.of(plane.apiServer(2), knowing));
                pod.awaitLine("usable=true");

                List<Integer> statuses = IntStream.range(0, 30)
                        .mapToObj(i -> pod.proxy().get("/api").status())
                        .distinct()
                        .toList();

                assertThat(statuses).containsExactly(200);
                assertThat(pod.isUp("ready")).isFalse();

                dealer.dealTo(List.of(knowing));
                dealer.breakConnections(); // the other API server has left
                pod.awaitReady();
            }
        }
    }
}
