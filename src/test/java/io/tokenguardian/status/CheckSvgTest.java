package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class CheckSvgTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();
    private static final TokenStatus SLOW = TokenStatuses.with(
            TokenStatuses.of(
                    NOON,
                    new Verdict.NotYetValid(
                            TokenStatuses.ADDRESS, "a", NOON.minusSeconds(60), NOON, NOON.plusSeconds(15), null),
                    TOKEN),
            TokenStatuses.replica(Finding.NOT_YET_VALID, NOON, Duration.ofMillis(-75_500)));

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Timeline timeline = time.timeline();

    @Test
    void withoutATokenNoBarShowsAcceptance() throws Exception {
        TokenStatus unreadable = TokenStatuses.with(
                TokenStatuses.of(NOON, new Verdict.Unreadable("/token: no such file")),
                TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ZERO));

        assertThat(elements(parsed(unreadable), "rect"))
                .extracting(rectangle -> rectangle.getAttribute("class"))
                .doesNotContain("open", "early", "over");
        assertThat(texts(unreadable))
                .contains("unreadable", "as of 2026-03-01T12:00:00Z by this node's clock; all times UTC.")
                .noneMatch(text -> text.startsWith("acceptable from"));
    }

    @Test
    void thePagesPictureHasOnlyTheClocks() throws Exception {
        List<String> whole = texts(SLOW);

        List<String> clocks = elements(parsed(new CheckSvg(timeline).clocksOf(SLOW)), "text").stream()
                .map(Element::getTextContent)
                .toList();

        assertThat(clocks).contains("this node", "a").doesNotContain("not-yet-valid");
        assertThat(whole).endsWith(clocks.toArray(String[]::new)).hasSizeGreaterThan(clocks.size());
    }

    @ParameterizedTest
    @CsvSource({"cp-1, ''", "ip-10-0-2-34.eu-central-1.compute.internal, 270"})
    void aLongNameNextToTheLineIsSqueezed(String name, String length) throws Exception {
        TokenStatus tokenStatus = TokenStatuses.with(SLOW, TokenStatuses.named(name, NOON, Duration.ZERO));

        assertThat(elements(parsed(tokenStatus), "text"))
                .filteredOn(text -> text.getTextContent().equals(name))
                .extracting(text -> text.getAttribute("textLength"))
                .containsExactly(length);
    }

    @Test
    void acceptedWithAWrongClockNamesTheClockFirst() throws Exception {
        TokenStatus off = TokenStatuses.with(
                TokenStatuses.of(NOON, new Verdict.Accepted(NOON, "u"), TOKEN),
                TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ofMillis(-45_500)));

        List<Element> texts = elements(parsed(off), "text");

        assertThat(texts.get(0).getTextContent()).isEqualTo("accepted, with a warning");
        assertThat(texts.get(0).getAttribute("class")).isEqualTo("strong wait");
        assertThat(texts.get(1).getTextContent()).isEqualTo("a's clock is 45.0 s behind this node's.");
        assertThat(texts)
                .filteredOn(text -> text.getAttribute("class").equals("wait strong num"))
                .extracting(Element::getTextContent)
                .containsExactly("11:59:15  -45.000 s ± 0.500 s");
    }

    /**
     * Compares with {@code docs/images/clock-behind.svg}: the third replica is 2 min behind, and the token is a second
     * old.
     */
    @Test
    void thePictureInTheReadmeEqualsTheDrawing() throws IOException {
        Instant at = NOON.plusSeconds(1);
        KnownReplica behind = TokenStatuses.named("cp-3", at, Duration.ofMinutes(-2));
        TokenStatus status = TokenStatuses.usable(
                TokenStatuses.with(
                        TokenStatuses.of(
                                at,
                                new Verdict.NotYetValid(
                                        TokenStatuses.ADDRESS,
                                        TokenStatuses.certificate("cp-3"),
                                        NOON.minusSeconds(60),
                                        NOON,
                                        NOON.plusSeconds(60),
                                        null),
                                TOKEN),
                        TokenStatuses.named("cp-1", at, Duration.ofMillis(-300)),
                        TokenStatuses.named("cp-2", at, Duration.ofMillis(400)),
                        new KnownReplica(
                                behind.address(),
                                behind.certificate(),
                                behind.names(),
                                behind.clock(),
                                Finding.NOT_YET_VALID,
                                null,
                                at)),
                TOKEN);
        time.advance(Duration.ofSeconds(1));

        String svg = svg(status);

        Files.writeString(Path.of("target/clock-behind.svg"), svg); // copy it to docs/images if the drawing changes
        assertThat(svg).isEqualTo(Files.readString(Path.of("docs/images/clock-behind.svg")));
    }

    @Test
    void claimsCanNeitherBreakThePictureNorRunAsAScript() throws Exception {
        String user = "<script>a&b\u0000\u001b\uffff\"'";

        assertThat(texts(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, user), TOKEN)))
                .contains("The API server accepts the token of <script>a&b???\"'.");
    }

    private String svg(TokenStatus tokenStatus) {
        return new CheckSvg(timeline).of(tokenStatus);
    }

    private Document parsed(TokenStatus tokenStatus) throws Exception {
        return parsed(svg(tokenStatus));
    }

    static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> texts(TokenStatus tokenStatus) throws Exception {
        return elements(parsed(tokenStatus), "text").stream()
                .map(Element::getTextContent)
                .toList();
    }

    static List<Element> elements(Document document, String name) {
        NodeList found = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }
}
