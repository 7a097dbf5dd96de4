package io.tokenguardian.laptop;

import static io.tokenguardian.laptop.PodDiagnosisTest.ACCOUNT;
import static io.tokenguardian.laptop.PodDiagnosisTest.ISSUED;
import static io.tokenguardian.laptop.PodDiagnosisTest.NOW;
import static io.tokenguardian.laptop.PodDiagnosisTest.found;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.laptop.PodEvidence.GuardianVerdict;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The report about a pod, as text and as SVG. */
class ExplainReportTest {
    private static final ClusterAccess ACCESS = new ClusterAccess(
            "here",
            "shop",
            "user \"me\"",
            ApiServerAddress.parse("https://10.0.0.1", null),
            CertificateAuthority.unverified(),
            "token",
            null);
    private static final String WARNING = ACCESS.warning().orElseThrow();

    private static PodEvidence view(String guardian, ApiReading<EventList> events, AcceptanceMatrix matrix) {
        return new PodEvidence(
                "shop",
                "app-0",
                found(PodDiagnosisTest.usualPod()),
                ACCOUNT,
                found(new GuardianVerdict("accepted", guardian)),
                events,
                matrix,
                NOW);
    }

    private static ExplainReport report(String guardian, ApiReading<EventList> events, AcceptanceMatrix matrix) {
        return new ExplainReport(
                view(guardian, events, matrix),
                new CrossCheckReport(ACCESS, "shop/app", "a token for this pod", List.of(), matrix, Duration.ZERO),
                WARNING,
                null);
    }

    @Test
    void aWarningAboutTheServerIsALineOfEachOutput() throws Exception {
        ExplainReport report = withGuardian("So it is.");

        assertThat(report.text()).contains("\nServer      " + WARNING + "\n");
        assertThat(report.json().getJsonArray("findings").encode()).contains(WARNING);
        assertThat(texts(report)).extracting(Element::getTextContent).containsOnlyOnce(WARNING);
    }

    private static ExplainReport withGuardian(String explanation) {
        return report(explanation, found(new EventList(null)), PodDiagnosisTest.matrix(ISSUED, ISSUED));
    }

    private static List<Element> texts(ExplainReport report) throws Exception {
        NodeList found = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(report.svg().getBytes(StandardCharsets.UTF_8)))
                .getElementsByTagName("text");
        return IntStream.range(0, found.getLength())
                .mapToObj(index -> (Element) found.item(index))
                .toList();
    }

    @Test
    void thePictureShowsTheCauseThenTheFindingsThenTheTable() throws Exception {
        ExplainReport report = report(
                "So it is.",
                ApiReading.unknown("not allowed"),
                PodDiagnosisTest.second(Finding.NOT_YET_VALID, PodDiagnosisTest.matrix(ISSUED, ISSUED)));

        assertThat(texts(report))
                .extracting(Element::getTextContent)
                .containsSubsequence(
                        "not-yet-valid",
                        "Pod",
                        "shop/app-0, Running on node-1, created 2026-03-01T12:00:00Z",
                        "Token",
                        "Guardian",
                        "So it is.",
                        "Account",
                        "Lifetime",
                        "403",
                        "Not seen",
                        "the pod's events: not allowed",
                        "issued by ↓  accepted by →",
                        "cp-1",
                        "cp-2",
                        "accepted",
                        "not yet valid",
                        "Measured with a token for this pod of shop/app from each replica.",
                        "shop/app-0, checked at 2026-03-01T12:10:00Z by this machine's clock");
    }

    @Test
    void thePictureOfAMissingPodHasNoTable() throws Exception {
        assertThat(texts(new ExplainReport(PodDiagnosisTest.missing(), null, null, null)))
                .extracting(Element::getTextContent)
                .startsWith(
                        "pod-missing",
                        "There is no pod shop/app-0: the token of a pod that was deleted is refused for",
                        "good.")
                .endsWith("shop/app-0, as of 2026-03-01T12:10:00Z; all times UTC")
                .doesNotContain("issued by ↓  accepted by →");
    }

    @ParameterizedTest
    @CsvSource({
        "NOTHING, good",
        "NOT_YET_VALID, wait",
        "UNKNOWN, wait",
        "EXPIRED, bad",
        "REFUSED, bad",
        "NO_TOKEN, bad",
        "POD_DELETED, bad"
    })
    void theCauseHasTheColourOfItsGravity(PodCause cause, String tone) {
        assertThat(ExplainReport.tone(cause)).isEqualTo(tone);
    }

    @Test
    void whatAGuardianSaysCanNeitherBreakTheOutputNorBeRun() throws Exception {
        ExplainReport report = withGuardian("A\u001b[2J <script>a&b\n\u202eNot seen");

        assertThat(report.text()).contains("Guardian    A\\u001b[2J <script>a&b\\u000a\\u202eNot seen\n");
        assertThat(texts(report)).extracting(Element::getTextContent).contains("A?[2J <script>a&b??Not seen");
    }

    /** The SVG breaks long words, and {@code MaskedOutput} does not recognize a token that is split. */
    @Test
    void aTokenInAVerdictIsNotDrawn() {
        String token = TestTokens.issuedAt(NOW).token().bearer();

        String picture = withGuardian("x".repeat(100) + "; " + token + ".").svg();

        assertThat(picture).contains("***").doesNotContain("eyJ");
        assertThat(picture)
                .doesNotContain(
                        token.substring(token.length() - 20),
                        token.substring(token.indexOf('.')).substring(0, 20));
    }
}
