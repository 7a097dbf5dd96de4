package io.tokenguardian.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The paths at which a backend may respond (docs/api-server.md, Responses of backends). */
class BackendPathsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/apis/apps/v1/deployments",
                "/apis/metrics.k8s.io/v1beta1/nodes",
                "/apis/batch",
                "/openapi/v3/apis/apps/v1",
                "/api/v1/namespaces/shop/services/web/proxy",
                "/api/v1/namespaces/shop/services/web/proxy/",
                "/api/v1/namespaces/shop/services/web/proxy?path=/",
                "/api/v1/namespaces/shop/services/https:web:443/proxy/a/b",
                "/api/v1/namespaces/shop/pods/web:8080/proxy/metrics",
                "/api/v1/nodes/one/proxy/healthz",
                "/api/v1/proxy/namespaces/shop/services/web",
                "/api/v1/namespaces/shop/services/web%2Fproxy",
                "/api/v1/namespaces/shop/services/web/%70roxy/",
                "/%61pis/apps/v1/deployments",
                "/api/v1/namespaces/shop/pods/web/log",
                "/api/v1/namespaces/shop/pods/web/log?follow=true",
                "/api/v1/namespaces/shop/pods/web/exec?command=sh",
                "/api/v1/namespaces/shop/pods/web/attach",
                "/api/v1/namespaces/shop/pods/web/portforward/"
            })
    void aBackendMayRespond(String target) {
        assertThat(BackendPaths.contain(target)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/?a/proxy/",
                "/version",
                "/healthz",
                "/api",
                "/apis",
                "/apis?timeout=32s",
                "/openapi/v2",
                "/openapi/v3",
                "/openid/v1/jwks",
                "/api/v1/pods?labelSelector=a%3Db",
                "/api/v1/namespaces/shop/pods/proxy-1",
                "/api/v1/namespaces/logs/configmaps/exec.sh",
                "/api/v1/namespaces/shop/pods/web/status"
            })
    void onlyTheApiServerItselfResponds(String target) {
        assertThat(BackendPaths.contain(target)).isFalse();
    }
}
