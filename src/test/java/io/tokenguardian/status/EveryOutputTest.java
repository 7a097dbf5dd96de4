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
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The text, JSON, picture and log have the same sentence and advice. The page shows the JSON. */
class EveryOutputTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final SimulatedTime time = new SimulatedTime(NOON);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private final StatusLog statusLog = new StatusLog(time.timeline(), wakeAfter -> {});
    private final StatusReport report = StatusReports.of(time.timeline());

    @ParameterizedTest
    @EnumSource(
            value = ReportedCause.class,
            mode = EnumSource.Mode.MATCH_NONE,
            names = {".*PENDING", ".*UNREADABLE", ".*CALLER", "CLOCK_(OFF|BEHIND|AHEAD)", "NODE_CLOCK_OFF", "TOKEN_KEPT"
            })
    void eachOutputStatesTheSentenceAndItsAdvice(ReportedCause cause) throws Exception {
        TokenStatus tokenStatus = ExplanationTest.status(cause);
        time.advanceTo(tokenStatus.at());
        statusLog.accept(tokenStatus);
        time.advance(StatusLog.HELD_BACK);
        statusLog.acceptHeld(tokenStatus);
        Explanation explanation = Explanation.of(tokenStatus, tokenStatus.at().plus(StatusLog.HELD_BACK));

        assertThat(text(tokenStatus)).contains("\n            " + explanation.sentence() + "\n");
        assertThat(text(tokenStatus)).contains(explanation.advice());
        JsonObject json = report.of(tokenStatus);
        assertThat(new Explanation(json.getString("explanation"), json.getString("advice")))
                .isEqualTo(explanation);
        assertThat(description(tokenStatus)).isEqualTo(explanation.text());
        assertThat(log.lines()).singleElement().asString().endsWith(" " + explanation.text());
        String picture = new CheckSvg(time.timeline()).of(tokenStatus);
        assertThat(text(tokenStatus) + json + picture + log.lines())
                .doesNotContain(
                        Objects.requireNonNull(tokenStatus.token()).bearer().split("\\.", -1));
    }

    @ParameterizedTest
    @EnumSource(names = {"CLOCK_OFF", "CLOCK_BEHIND", "CLOCK_AHEAD"})
    void eachOutputStatesAWarningOfAnAcceptedTokenAndItsAdvice(ReportedCause cause) throws Exception {
        TokenStatus tokenStatus = ExplanationTest.status(cause);
        statusLog.acceptClocks(tokenStatus);
        Explanation warning = ClockWarnings.of(tokenStatus).values().iterator().next();

        assertThat(text(tokenStatus))
                .startsWith("Warning     " + warning.sentence() + "\n            " + warning.advice() + "\n");
        assertThat(report.of(tokenStatus).getJsonArray("warnings")).isEqualTo(new JsonArray(List.of(warning.text())));
        assertThat(description(tokenStatus)).isEqualTo(warning.text());
        assertThat(log.lines()).singleElement().asString().endsWith(" " + warning.text());
    }

    private String text(TokenStatus tokenStatus) {
        return new CheckText(Path.of("/token"), TokenStatuses.ADDRESS, time.timeline()).of(tokenStatus);
    }

    /** Returns what a screen reader reads for the picture. */
    private String description(TokenStatus tokenStatus) throws Exception {
        String picture = new CheckSvg(time.timeline()).of(tokenStatus);
        return CheckSvgTest.elements(CheckSvgTest.parsed(picture), "desc")
                .get(0)
                .getTextContent();
    }
}
