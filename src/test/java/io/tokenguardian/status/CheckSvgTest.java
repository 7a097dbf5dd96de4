package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Verdict;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
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
                            TokenStatuses.ADDRESS, null, NOON.minusSeconds(60), NOON, NOON.plusSeconds(15), null),
                    TOKEN),
            TokenStatuses.replica(Finding.NOT_YET_VALID, NOON, Duration.ofMillis(-75_500)));

    private final Timeline timeline = new SimulatedTime(NOON).timeline();

    @Test
    void itSaysInWordsWhoseClockIsOffByHowMuchAndUntilWhen() throws Exception {
        assertThat(texts(SLOW))
                .contains(
                        "not-yet-valid",
                        "acceptable from",
                        "2026-03-01T11:59:00Z",
                        "this node",
                        "replica a at 10.96.0.1:443",
                        "2026-03-01T11:58:45Z  -1 min 15 s ± 0.500 s  not-yet-valid",
                        "asked at 2026-03-01T12:00:00Z by this node's clock; all times UTC. Hatched: 401, outside of"
                                + " the token's validity window; plain: accepted.");
    }

    @Test
    void aScreenReaderGetsTheVerdict() throws Exception {
        Document svg = parsed(SLOW);

        assertThat(svg.getDocumentElement().getAttribute("role")).isEqualTo("img");
        assertThat(svg.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("Token Guardian: not-yet-valid");
        assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).contains("in 15.0 s", "NTP");
    }

    @Test
    void theSlowClockStandsInTheRedAndTheNodesDoesNot() throws Exception {
        List<Element> clocks = elements(parsed(SLOW), "circle");

        assertThat(clocks).extracting(clock -> clock.getAttribute("class")).containsExactly("pin ink", "pin bad");
        assertThat(Double.parseDouble(clocks.get(1).getAttribute("cx")))
                .isLessThan(Double.parseDouble(clocks.get(0).getAttribute("cx")));
    }

    @Test
    void anUncertaintyIsToScaleBesideTheLastClockToo() throws Exception {
        List<Element> rectangles = elements(parsed(SLOW), "rect").stream()
                .filter(rectangle -> rectangle.getAttribute("class").equals("ink"))
                .toList();
        double cx = Double.parseDouble(elements(parsed(SLOW), "circle").get(1).getAttribute("cx"));

        double left = Double.parseDouble(rectangles.get(0).getAttribute("x"));
        double width = Double.parseDouble(rectangles.get(0).getAttribute("width"));

        assertThat(rectangles).hasSize(1);
        assertThat(left + width / 2).isCloseTo(cx, within(0.2));
    }

    @ParameterizedTest
    @CsvSource({"10.96.0.1:443, -75500, ''", "'[2001:db8:1234:5678:9abc:def0:1234:5678]:6443', -86400000, 460"})
    void whatIsWrittenBesideTheLineNeverReachesIt(String address, int offset, String squeezed) throws Exception {
        ObservedReplica seen = TokenStatuses.replica(Finding.NOT_YET_VALID, NOON, Duration.ofMillis(offset));
        TokenStatus tokenStatus = TokenStatuses.with(
                SLOW,
                new ObservedReplica(
                        address,
                        "0123456789abcdef",
                        List.of(),
                        seen.clock(),
                        seen.finding(),
                        seen.user(),
                        seen.lastResultAt()));

        List<Element> texts = elements(parsed(tokenStatus), "text");

        assertThat(texts)
                .filteredOn(text -> text.getTextContent().contains("replica 01234567"))
                .extracting(text -> text.getAttribute("textLength"))
                .containsExactly(squeezed);
        assertThat(texts)
                .filteredOn(text -> text.getAttribute("textLength").isEmpty())
                .filteredOn(text -> text.getAttribute("class").contains("strong num"))
                .allMatch(text -> text.getTextContent().length() <= 56);
    }

    @Test
    void aWordThatIsWiderThanThePictureIsBroken() throws Exception {
        TokenStatus tokenStatus = TokenStatuses.of(NOON, new Verdict.Accepted(NOON, "u".repeat(300)), TOKEN);

        assertThat(texts(tokenStatus))
                .filteredOn(text -> text.contains("uuu"))
                .allMatch(text -> text.length() <= 116)
                .contains("u".repeat(116));
    }

    @Test
    void withoutATokenItIsStillAPicture() throws Exception {
        assertThat(texts(TokenStatuses.of(NOON, new Verdict.Unreadable("token file /token is empty"))))
                .contains("unreadable", "Token file /token is empty.", "this node")
                .doesNotContain("acceptable from");
    }

    @Test
    void whatAnybodyClaimsCanNeitherBreakItNorBeRun() throws Exception {
        String user = "<script>a&b\u0000\u001b\uffff\"'";

        assertThat(texts(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, user), TOKEN)))
                .contains("The API server accepts the token of <script>a&b???\"'.");
    }

    @Test
    void noPartOfTheTokensTextIsInIt() {
        assertThat(svg(SLOW)).doesNotContain(TOKEN.bearer().split("\\.", -1));
    }

    private String svg(TokenStatus tokenStatus) {
        return new CheckSvg(timeline).of(tokenStatus);
    }

    private Document parsed(TokenStatus tokenStatus) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg(tokenStatus).getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> texts(TokenStatus tokenStatus) throws Exception {
        return elements(parsed(tokenStatus), "text").stream()
                .map(Element::getTextContent)
                .toList();
    }

    private static List<Element> elements(Document document, String name) {
        NodeList found = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    @Test
    void aTokenThatSomeReplicasAcceptIsCalledUsableAndDoesNotLookRefused() throws Exception {
        TokenStatus expired = TokenStatuses.of(NOON, new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON), TOKEN);

        Element head =
                elements(parsed(TokenStatuses.usable(expired, TOKEN)), "text").get(0);

        assertThat(head.getTextContent()).isEqualTo("expired, usable");
        assertThat(head.getAttribute("class")).isEqualTo("strong wait");
    }
}
