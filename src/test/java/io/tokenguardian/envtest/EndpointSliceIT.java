package io.tokenguardian.envtest;

import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which API servers are in the EndpointSlice of the service {@code kubernetes}. */
@Tag("envtest")
class EndpointSliceIT {
    private static final String SLICE = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

    private final ControlPlane plane = ControlPlane.shared();

    /** The lease of an API server in etcd lasts 15 s. */
    @Test
    void aCrashedApiServerLeavesTheEndpointSlice() throws Exception {
        try (ApiServer another = plane.startAnother()) {
            String address = "\"239.0.0." + (another.index() + 1) + "\"";
            await().until(() -> slice().contains(address));

            another.kill();

            await().until(() -> !slice().contains(address));
        }
    }

    private String slice() {
        return plane.apiServer(0).admin().get(SLICE).body();
    }
}
