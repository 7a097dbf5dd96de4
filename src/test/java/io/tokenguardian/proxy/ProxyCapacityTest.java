package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.listener.FileLimit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyCapacityTest {

    @ParameterizedTest
    @CsvSource({
        "64, 8, 8", // too few for certainty
        "256, 64, 64",
        "1024, 400, 400",
        "2450, 1024, 1024",
        "2451, 1025, 1024",
        "3620, 2048, 1024",
        "1048576, 2048, 1024"
    })
    void openFilesAreDividedEquallyUpToALimit(int files, int callers, int upstreams) {
        assertThat(ProxyCapacity.within(new FileLimit(files))).isEqualTo(new ProxyCapacity(callers, upstreams));
    }
}
