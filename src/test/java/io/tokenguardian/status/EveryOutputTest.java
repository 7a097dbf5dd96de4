package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.LogRecords;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each output names the clock at fault: the text, JSON, picture, page and log. */
class EveryOutputTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final SimulatedTime time = new SimulatedTime(NOON);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private final StatusLog statusLog = new StatusLog(time.timeline());
    private final StatusReport report = StatusReports.of(time.timeline());

    @ParameterizedTest
    @EnumSource(ClockCause.class)
    void eachOutputStatesTheCauseOfARefusalAndItsAdvice(ClockCause cause) throws Exception {
        TokenStatus tokenStatus = ClockCauseTest.example(cause);
        time.advanceTo(tokenStatus.at());
        Explanation explanation = Explanation.of(tokenStatus, tokenStatus.at());
        assertThat(explanation).matches(it -> isOf(cause, it), "is of this cause");
        statusLog.accept(tokenStatus);

        assertThat(text(tokenStatus))
                .contains("\n            " + explanation.sentence() + "\n            " + explanation.advice() + "\n");
        JsonObject json = report.of(tokenStatus);
        assertThat(new Explanation(json.getString("explanation"), json.getString("advice")))
                .isEqualTo(explanation);
        assertThat(description(tokenStatus)).endsWith(said(explanation, Explanation.headline(tokenStatus)));
        assertThat(log.lines()).singleElement().asString().endsWith(" " + explanation.text());
        String picture = new CheckSvg(time.timeline()).of(tokenStatus);
        assertThat(text(tokenStatus) + json + picture + log.lines())
                .doesNotContain(
                        Objects.requireNonNull(tokenStatus.token()).bearer().split("\\.", -1));
    }

    /**
     * Returns the explanation's text in the SVG. If the headline equals the sentence, the SVG contains it only once.
     */
    private static String said(Explanation explanation, String headline) {
        return headline.equals(explanation.sentence()) ? explanation.text() : " " + explanation.text();
    }

    private static boolean isOf(ClockCause cause, Explanation explanation) {
        Explanation withPlaces = cause.explain(Map.of());
        return pattern(withPlaces.sentence()).matcher(explanation.sentence()).matches()
                && pattern(withPlaces.advice()).matcher(explanation.advice()).lookingAt();
    }

    private static Pattern pattern(String withPlaces) {
        return Pattern.compile(
                Stream.of(withPlaces.split("\\{[^}]*}", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    /** Clock offsets are in seconds. */
    @ParameterizedTest
    @CsvSource({"-75, 0, cp-1", "75, 0, cp-1", "-45, 0, cp-1", "45, 0, cp-1", "-75, -75, this node"})
    void eachOutputStatesAWarningOfAnAcceptedTokenAndItsAdvice(int one, int others, String whose) throws Exception {
        TokenStatus tokenStatus = ClockCauseTest.accepted(one, others, others);
        statusLog.acceptClocks(tokenStatus);
        Map<String, Explanation> warnings = Explanation.warnings(tokenStatus);
        assertThat(warnings).containsOnlyKeys(whose);
        Explanation warning = Objects.requireNonNull(warnings.get(whose));

        assertThat(text(tokenStatus))
                .startsWith("Warning     " + warning.sentence() + "\n            " + warning.advice() + "\n");
        assertThat(report.of(tokenStatus).getJsonArray("warnings")).isEqualTo(new JsonArray(List.of(warning.text())));
        assertThat(description(tokenStatus)).isEqualTo(warning.text());
        assertThat(log.lines()).singleElement().asString().endsWith(" " + warning.text());
    }

    private String text(TokenStatus tokenStatus) {
        return new CheckText(Path.of("/token"), TokenStatuses.ADDRESS, time.timeline(), false).of(tokenStatus);
    }

    /** Returns what a screen reader reads for the picture. */
    private String description(TokenStatus tokenStatus) throws Exception {
        String picture = new CheckSvg(time.timeline()).of(tokenStatus);
        return CheckSvgTest.elements(CheckSvgTest.parsed(picture), "desc")
                .get(0)
                .getTextContent();
    }
}
