package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificateNamesTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("names");
    private static final ApiServerAddress SERVICE = new ApiServerAddress("10.96.0.1", 443, "10.96.0.1");

    /** The names in kubeadm's certificates, as in {@code pkiutil.GetAPIServerAltNames} of Kubernetes. */
    private static final String[] KUBEADM = {
        "cp-2",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "10.96.0.1",
        "10.0.0.12"
    };

    @Test
    void kubeadmsCertificateHasTheNodesNameAndItsAddress() {
        assertThat(names(SERVICE, KUBEADM)).containsExactly("10.0.0.12", "cp-2");
    }

    @Test
    void theConnectedHostAndTheVerifiedNameAreNotReplicaNames() {
        ApiServerAddress tunnel = new ApiServerAddress("10.0.0.12", 6443, "LB.example.com");

        assertThat(names(tunnel, "cp-2", "lb.example.com", "10.0.0.12")).containsExactly("cp-2");
    }

    @Test
    void aLoopbackAddressIsNotAReplicaName() {
        assertThat(names(SERVICE, "localhost", "127.0.0.1", "127.0.1.1", "::1", "0.0.0.0", "cp-2"))
                .containsExactly("cp-2");
    }

    @Test
    void aNodeNameMayBeginLikeTheServicesName() {
        assertThat(names(SERVICE, "kubernetes-1", "kubernetes.defaults.example"))
                .containsExactly("kubernetes-1", "kubernetes.defaults.example");
    }

    @Test
    void aNameIsNormalized() {
        ApiServerAddress service = new ApiServerAddress("2001:db8:0:0::1", 443, "2001:db8:0:0::1");

        assertThat(names(service, "CP-2.Example.COM", "2001:db8::1", "2001:db8::2"))
                .containsExactly("2001:db8::2", "cp-2.example.com");
    }

    @Test
    void anInvalidHostNameIsOmitted() {
        assertThat(names(SERVICE, "*.example.com", "a b", "x\u001b[2J\n", "a_b", "-a", "host.1", "\"}", "cp-2"))
                .containsExactly("cp-2");
    }

    @Test
    void aNameThatIsTooLongForAHostIsOmitted() {
        String longest = "a".repeat(62) + "." + "b";

        assertThat(names(SERVICE, longest, longest + "b")).containsExactly(longest);
        assertThat(longest).hasSize(CertificateNames.MAX_LENGTH);
    }

    @Test
    void aCertificateWithoutNamesHasNoReplicaNames() {
        assertThat(CertificateNames.of(AUTHORITY.certificate(), SERVICE)).isEmpty();
    }

    private static List<String> names(ApiServerAddress address, String... names) {
        X509Certificate certificate = AUTHORITY.issue(names).certificate();
        return CertificateNames.of(certificate, address);
    }
}
