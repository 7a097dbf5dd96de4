package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceVariableTest {

    @ParameterizedTest
    @CsvSource({
        "GUARDIAN_SERVICE_HOST, 10.96.0.7",
        "GUARDIAN_SERVICE_HOST, fd00::7",
        "GUARDIAN_SERVICE_PORT, 80",
        "GUARDIAN_SERVICE_PORT, 65535",
        "GUARDIAN_SERVICE_PORT_HTTP, 80",
        "GUARDIAN_SERVICE_PORT_8080, 8080",
        "GUARDIAN_SERVICE_PORT_T_C_P, 80",
        "GUARDIAN_PORT, tcp://10.96.0.7:80",
        "GUARDIAN_PORT, tcp://[fd00::7]:80",
        "GUARDIAN_PORT_53_UDP, udp://10.96.0.7:53",
        "GUARDIAN_PORT_53_UDP_PROTO, udp",
        "GUARDIAN_PORT_53_UDP_PORT, 53",
        "GUARDIAN_PORT_53_UDP_ADDR, 10.96.0.7",
        "GUARDIAN_PORT_53_UDP_ADDR, fd00::7",
        "GUARDIAN_PORT_9_SCTP, sctp://10.96.0.7:9",
        "GUARDIAN_TOKEN_PATH_PORT, tcp://10.96.0.7:80",
        "GUARDIAN_SERVICE_PORT, tcp://10.96.0.7:80",
        "GUARDIAN_TOKENS_VAULT_SERVICE_PORT_PATH, 80",
        "GUARDIAN_TOKENS_SERVICE_PORT_X_PATH, 80",
    })
    void whatKubeletSetsForAServiceIsKnownByItsForm(String name, String value) {
        assertThat(ServiceVariable.isServiceVariable(name, value)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "GUARDIAN_PROXY_PORT, 8001",
        "GUARDIAN_PROXY_PORT, http://10.96.0.7:80",
        "GUARDIAN_PROXY_PORT, tcp://10.96.0.7",
        "GUARDIAN_PROXY_PORT, tcp://guardian:80",
        "GUARDIAN_PROXY_PORT, tcp://fd00::7:80",
        "GUARDIAN_PROXY_PORT, tcp://10.96.0.7:65536",
        "GUARDIAN_PROXY_HOST, 10.96.0.7",
        "GUARDIAN_SERVICE_HOST, guardian",
        "GUARDIAN_SERVICE_PORT, 0",
        "GUARDIAN_SERVICE_PORT, 65536",
        "GUARDIAN_TOKENS_VAULT_SERVICE_PORT_PATH, /tokens/vault",
        "GUARDIAN_PORT_53_UDP_PROTO, tcp",
        "GUARDIAN_PORT_UDP, udp://10.96.0.7:53",
        "GUARDIAN_PORT_53_UDP_NAME, udp",
        "guardian_port, tcp://10.96.0.7:80",
        "SERVICE_HOST, 10.96.0.7",
    })
    void whatHasNotItsFormIsSomebodyElses(String name, String value) {
        assertThat(ServiceVariable.isServiceVariable(name, value)).isFalse();
    }
}
