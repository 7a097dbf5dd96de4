package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {

    private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";

    @Test
    void onlyASingleDateIsRead() {
        assertThat(HttpDate.parse(List.of(DATE))).isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
        assertThat(HttpDate.parse(List.of(DATE, DATE))).isNull();
        assertThat(HttpDate.parse(List.of())).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "Mon, 06 Nov 1994 08:49:37 GMT", // this day was a Sunday
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 +0200",
                "Sun, 06 Nov 1994 08:49:60 GMT",
                "Tue, 30 Feb 2027 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT ",
                "1994-11-06T08:49:37Z",
                "Sat, 01 Jan +10000 00:00:00 GMT",
                "Fri, 31 Dec -0001 00:00:00 GMT",
                "sun, 06 nov 1994 08:49:37 GMT",
            })
    void anotherFormIsNotADate(String value) {
        assertThat(HttpDate.parse(List.of(value))).isNull();
    }
}
