package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.laptop.ForwardProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerAddressTest {

    @ParameterizedTest
    @CsvSource({
        "https://10.96.0.1:443,                     10.96.0.1,                     443,   10.96.0.1:443",
        "https://10.96.0.1,                         10.96.0.1,                     443,   10.96.0.1:443",
        "https://10.96.0.1:6443/,                   10.96.0.1,                     6443,  10.96.0.1:6443",
        "HTTPS://kubernetes.default.svc,            kubernetes.default.svc,        443,   kubernetes.default.svc:443",
        "https://[fd00:10:96::1],                   fd00:10:96::1,                 443,   [fd00:10:96::1]:443",
        "https://[fd00:10:96::1]:6443,              fd00:10:96::1,                 6443,  [fd00:10:96::1]:6443",
        "https://localhost:1,                       localhost,                     1,     localhost:1",
        "https://localhost:65535,                   localhost,                     65535, localhost:65535",
    })
    void aUrlOfHostAndPortIsAccepted(String url, String host, int port, String hostAndPort) {
        ApiServerAddress address = ApiServerAddress.parse(url, null);

        assertThat(address).isEqualTo(new ApiServerAddress(host, port, host)).hasToString(hostAndPort);
        assertThat(address.hostAndPort()).isEqualTo(hostAndPort);
    }

    @ParameterizedTest
    @CsvSource({
        "https://10.96.0.1,            10.96.0.1",
        "https://10.96.0.1:443,        10.96.0.1",
        "https://10.96.0.1:6443,       10.96.0.1:6443",
        "https://10.96.0.1:80,         10.96.0.1:80",
        "https://[fd00:10:96::1],      [fd00:10:96::1]",
        "https://[fd00:10:96::1]:6443, [fd00:10:96::1]:6443",
    })
    void theAuthorityIsThatOfTheUrlWithoutPort443(String url, String authority) {
        assertThat(ApiServerAddress.parse(url, "kubernetes.default.svc").hostHeader())
                .isEqualTo(authority);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://10.96.0.1:443",
                "10.96.0.1:443",
                "https://10.96.0.1/api",
                "https://10.96.0.1/?a=b",
                "https://10.96.0.1/#a",
                "https://someone:hunter2@10.96.0.1",
                "https://fd00:10:96::1:443",
                "https://[fe80::1%25eth0]:443",
                "https://under_score:443",
                "https://a..b:443",
                "https://10.96.0.256:443",
                "https://10.96.0.1:0",
                "https://10.96.0.1:65536",
                "https://",
                "",
            })
    void anotherUrlIsRefusedWithALineThatExplainsWhatIsAllowed(String url) {
        assertThatThrownBy(() -> ApiServerAddress.parse(url, null))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("allowed is")
                .doesNotContain("\n", "hunter2");
    }

    @ParameterizedTest
    @CsvSource({
        "kubernetes.default.svc, kubernetes.default.svc",
        "fd00::1,                fd00::1",
        "[fd00::1],              fd00::1",
        "10.96.0.1,              10.96.0.1",
    })
    void aServerNameReplacesTheHost(String serverName, String expected) {
        ApiServerAddress address = ApiServerAddress.parse("https://10.0.0.7", serverName);

        assertThat(address).isEqualTo(new ApiServerAddress("10.0.0.7", 443, expected));
    }

    @ParameterizedTest
    @CsvSource({"api.test, true", "10.0.0.1, false", "fd00::1, false"})
    void aProxyGetsNamesUnresolvedAndAddressesUnchanged(String host, boolean unresolved) {
        ApiServerAddress address =
                new ApiServerAddress(host, 6443, "api.test").through(ForwardProxy.parse("http://proxy.test"));

        InetSocketAddress destination = address.tcpDestination(InetAddress.getLoopbackAddress());

        assertThat(destination.isUnresolved()).isEqualTo(unresolved);
        assertThat(destination.getHostString()).startsWith(host.substring(0, 4));
        assertThat(destination.getPort()).isEqualTo(6443);
    }

    @Test
    void theFinalDotOfAHostIsNotPartOfTheServerName() {
        ApiServerAddress address = ApiServerAddress.parse("https://kubernetes.default.svc.", null);

        assertThat(address).isEqualTo(new ApiServerAddress("kubernetes.default.svc.", 443, "kubernetes.default.svc"));
    }

    @Test
    void aWrongServerNameIsRefused() {
        assertThatThrownBy(() -> ApiServerAddress.parse("https://10.0.0.7", "not a name"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not a server name: not a name; allowed is a DNS name or an IP address");
    }
}
