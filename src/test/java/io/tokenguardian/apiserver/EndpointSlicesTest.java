package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointSlicesTest {
    private static final String NAME = "kubernetes.default.svc";

    @Test
    void everyReadyAddressOfEverySliceIsAReplica() {
        String body = """
                {"items":[
                  {"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}},{"addresses":["10.0.0.2"]}],
                   "ports":[{"name":"https","port":6443}]},
                  {"endpoints":[{"addresses":["fd00::3"]}],
                   "ports":[{"name":"metrics","port":1},{"name":"https","port":443}]}]}
                """;

        assertThat(EndpointSlices.read(body, NAME))
                .isEqualTo(new ReplicaList.Known(List.of(
                        new ApiServerAddress("10.0.0.1", 6443, NAME),
                        new ApiServerAddress("10.0.0.2", 6443, NAME),
                        new ApiServerAddress("fd00::3", 443, NAME))));
    }

    @Test
    void anEndpointThatIsNotReadyIsNotAReplica() {
        String body = """
                {"items":[{"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":false}}],
                  "ports":[{"name":"https","port":6443}]}]}
                """;

        assertThat(EndpointSlices.read(body, NAME)).isInstanceOf(ReplicaList.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{\"items\":[null]}",
                "{\"items\":[{\"endpoints\":[{\"addresses\":[null]}],\"ports\":[null,{\"name\":\"https\",\"port\":1}]}]}",
                "{}",
                "{\"items\":[{}]}",
                "{\"items\":\"none\"}",
                "{\"items\":[{\"endpoints\":[{\"addresses\":[\"a b\"]}],\"ports\":[{\"name\":\"https\",\"port\":1}]}]}",
                "{\"items\":[{\"endpoints\":[{\"addresses\":[\"10.0.0.1\"]}],"
                        + "\"ports\":[{\"name\":\"https\",\"port\":0}]}]}"
            })
    void aResponseWithoutAReplicaIsAnUnknownList(String body) {
        assertThat(EndpointSlices.read(body, NAME)).isInstanceOf(ReplicaList.Unknown.class);
    }
}
