package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.InRange;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithUtf8Length;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;

/** A {@code Date} has exactly one valid form for each second. Any other text is rejected. */
class HttpDateFuzzTest {

    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    @FuzzTest(maxDuration = "5m")
    @DictionaryEntries({"Sun, 06 Nov 1994 08:49:37 GMT", "Thu, 29 Feb 2024 23:59:60 GMT", "Fri, 31 Dec 9999"})
    void anAcceptedDateIsWrittenInTheOnlyValidForm(@NotNull @WithUtf8Length(max = 64) String text) {
        Instant date = HttpDate.parse(List.of(text));

        if (date != null) {
            assertThat(written(date)).isEqualTo(text);
        }
    }

    @FuzzTest(maxDuration = "5m")
    void everySecondIsReadInItsWrittenForm(@InRange(min = 0, max = 253_402_300_799L) long second) {
        Instant date = Instant.ofEpochSecond(second);

        assertThat(HttpDate.parse(List.of(written(date)))).isEqualTo(date);
    }

    /** Formats a date by the grammar of RFC 9110, section 5.6.7, without a JDK formatter. */
    private static String written(Instant date) {
        ZonedDateTime utc = date.atZone(ZoneOffset.UTC);
        return "%s, %02d %s %04d %02d:%02d:%02d GMT"
                .formatted(
                        DAYS.get(utc.getDayOfWeek().getValue() - 1),
                        utc.getDayOfMonth(),
                        MONTHS.get(utc.getMonthValue() - 1),
                        utc.getYear(),
                        utc.getHour(),
                        utc.getMinute(),
                        utc.getSecond());
    }
}
