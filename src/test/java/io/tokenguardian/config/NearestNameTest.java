package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "'', abc, 3",
        "abc, '', 3",
        "token, token, 0",
        "tokn, token, 1",
        "tooken, token, 1",
        "taken, token, 1",
        "tkoen, token, 1",
        "otkne, token, 2",
        "ca, abc, 3",
        "kitten, sitting, 3",
    })
    void theDistanceCountsInsertionsDeletionsReplacementsAndExchanges(String one, String other, int distance) {
        assertThat(NearestName.distance(one, other)).isEqualTo(distance);
        assertThat(NearestName.distance(other, one)).isEqualTo(distance);
    }

    @Test
    void ofTwoThatAreEquallyNearItIsTheFirst() {
        assertThat(NearestName.nearestTo("b", List.of("xyz", "a", "c"))).isEqualTo("a");
    }
}
