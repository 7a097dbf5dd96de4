package io.tokenguardian.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileLimitTest {

    @Test
    void theSoftLimitIsRead() {
        assertThat(FileLimit.of(Stream.of(
                        "Limit                     Soft Limit           Hard Limit           Units     ",
                        "Max processes             96000                96000                processes ",
                        "Max open files            1024                 524288               files     ")))
                .isEqualTo(new FileLimit(1024));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unlimited ", "9223372036854775807"})
    void anUnusableLimitIsTreatedAsNoLimit(String soft) {
        assertThat(FileLimit.of(Stream.of("Max open files            " + soft + " unlimited            files     ")))
                .isEqualTo(new FileLimit(Integer.MAX_VALUE));
    }

    @Test
    void thisProcessHasALimit() {
        assertThat(FileLimit.read().most()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "64, 8",
        "143, 8",
        "144, 9",
        "256, 16",
        "1024, 64",
        "4095, 255",
        "4096, 256",
        "4112, 256",
        "1048576, 256"
    })
    void aShortListenerGetsASixteenthUpTo256(int most, int connections) {
        assertThat(new FileLimit(most).singleRequestConnections()).isEqualTo(connections);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 129, 256, 1024, 20_000, 1_048_576})
    void allListenersTogetherGetNoMoreThanTheLimit(int most) {
        FileLimit fileLimit = new FileLimit(most);

        assertThat(FileLimit.RESERVED + 2 * fileLimit.singleRequestConnections() + fileLimit.proxyConnections())
                .isLessThanOrEqualTo(most);
    }
}
