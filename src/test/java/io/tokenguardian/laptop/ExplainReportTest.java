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
        assertThat(texts(report)).containsOnlyOnce("Server      " + WARNING);
    }

    @Test
    void a403OfTheAnonymousUserIsBlamedOnTheClient() {
        assertThat(withGuardian("So it is.").text())
                .contains("\n403         if it names system:anonymous, the client sent no token: ");
    }

    private static ExplainReport withGuardian(String explanation) {
        return report(explanation, found(new EventList(null)), PodDiagnosisTest.matrix(ISSUED, ISSUED));
    }

    private static List<String> texts(ExplainReport report) throws Exception {
        NodeList found = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(report.svg().getBytes(StandardCharsets.UTF_8)))
                .getElementsByTagName("text");
        return IntStream.range(0, found.getLength())
                .mapToObj(index -> found.item(index).getTextContent())
                .toList();
    }

    @Test
    void thePictureShowsTheLinesOfTheText() throws Exception {
        ExplainReport report = report(
                "So it is.",
                ApiReading.unknown("not allowed"),
                PodDiagnosisTest.second(Finding.NOT_YET_VALID, PodDiagnosisTest.matrix(ISSUED, ISSUED)));

        assertThat(texts(report))
                .contains("not-yet-valid", "cp-1                        accepted  not yet valid for 0 s")
                .containsAll(report.text()
                        .lines()
                        .skip(3)
                        .filter(line -> line.length() < 110)
                        .toList())
                .endsWith("shop/app-0, as of 2026-03-01T12:10:00Z; all times UTC");
    }

    @Test
    void thePictureOfAMissingPodHasNoTable() throws Exception {
        assertThat(texts(new ExplainReport(PodDiagnosisTest.missing(), null, null, null)))
                .startsWith("pod-missing")
                .noneMatch(text -> text.startsWith("issued by"));
    }

    @Test
    void whatAGuardianSaysCanNeitherBreakTheOutputNorBeRun() throws Exception {
        ExplainReport report = withGuardian("A\u001b[2J <script>a&b\n\u202eNot seen");

        assertThat(report.text()).contains("Guardian    A\\u001b[2J <script>a&b\\u000a\\u202eNot seen\n");
        assertThat(texts(report)).contains("Guardian    A?[2J <script>a&b??Not seen");
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
