package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the time is divided among the addresses. {@link ConnectorTest} tests the rounds. */
class AddressRoundsTest {

    @ParameterizedTest
    @CsvSource({
        "10000, 1, 10000",
        "10000, 2, 5000",
        "10000, 5, 2000",
        "10000, 6, 2000", // the last addresses may get no time
        " 2000, 6, 2000",
        " 1999, 6, 1999",
        "    1, 2, 1",
    })
    void eachAddressGetsAnEqualPartOfTheTimeButAtLeastTwoSeconds(long millis, int addresses, long share) {
        AddressRounds rounds = new AddressRounds(false);
        rounds.add(
                Collections.nCopies(addresses, InetAddress.getLoopbackAddress()).toArray(InetAddress[]::new));

        rounds.next();

        assertThat(rounds.share(TimeUnit.MILLISECONDS.toNanos(millis))).isEqualTo(TimeUnit.MILLISECONDS.toNanos(share));
    }
}
