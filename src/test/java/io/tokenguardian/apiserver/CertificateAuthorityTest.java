package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.token.LogRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CertificateAuthorityTest {

    private static final TestAuthority FIRST = new TestAuthority("first");
    private static final TestAuthority SECOND = new TestAuthority("second");

    @AutoClose
    private final LogRecords log = LogRecords.of(CertificateAuthority.class.getName());

    @TempDir
    Path directory;

    private Path file;
    private CertificateAuthority authority;

    @BeforeEach
    void setUp() {
        file = directory.resolve("ca.crt");
        authority = new CertificateAuthority(file);
    }

    /** Reads the file, and returns the result. */
    private X509ExtendedTrustManager trust() throws IOException {
        authority.refresh();
        return authority.trust();
    }

    @Test
    void aBundleOfCertificatesBetweenCommentsIsTrusted() throws Exception {
        Files.writeString(file, "# 0 first -- of two\n" + FIRST.pem() + "\n0 second\n" + SECOND.pem() + "# end\n");

        X509ExtendedTrustManager trust = trust();

        assertThat(trust.getAcceptedIssuers()).containsExactlyInAnyOrder(FIRST.certificate(), SECOND.certificate());
    }

    /** Event loops call these methods, and the file's volume may be slow. */
    @Test
    void trustAndPemDoNotReadTheFile() throws Exception {
        Files.writeString(file, FIRST.pem());
        CertificateAuthority read = new CertificateAuthority(file);
        X509ExtendedTrustManager before = read.trust();

        replace(SECOND.pem());

        assertThat(read.trust()).isSameAs(before);
        assertThat(read.pem()).asString().isEqualTo(FIRST.pem());
    }

    @Test
    void aTouchedFileKeepsItsTrustManager() throws Exception {
        Files.writeString(file, FIRST.pem());
        X509ExtendedTrustManager before = trust();

        replace(FIRST.pem());

        assertThat(trust()).isSameAs(before);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aChangedFileGetsAnotherTrustManager() throws Exception {
        Files.writeString(file, FIRST.pem());
        X509ExtendedTrustManager before = trust();

        replace(SECOND.pem());

        X509ExtendedTrustManager after = trust();
        assertThat(after).isNotSameAs(before);
        assertThat(after.getAcceptedIssuers()).containsExactly(SECOND.certificate());
        assertThat(log.lines()).containsExactly("INFO the CA file " + file + " has changed");
    }

    static Stream<Arguments> unusable() {
        return Stream.of(
                Arguments.of("", "has no certificate in it"),
                Arguments.of(
                        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "has no certificate in it"),
                Arguments.of(
                        FIRST.pem() + SECOND.pem().substring(0, 200), "has an invalid certificate in it, number 2"),
                Arguments.of(
                        FIRST.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                        "has an invalid certificate in it, number 2"),
                Arguments.of(FIRST.pem() + "#".repeat(PemBundle.MAX_BYTES), "is larger than 1 MiB"));
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void anUnusableFileAtTheFirstUseIsNamedWithTheReason(String content, String reason) throws IOException {
        Files.writeString(file, content);

        assertThatThrownBy(() -> trust())
                .isInstanceOf(IOException.class)
                .hasMessage("the CA file " + file + " " + reason);
    }

    @Test
    void aFileOfExactlyTheLimitIsAccepted() throws Exception {
        Files.writeString(
                file, FIRST.pem() + "#".repeat(PemBundle.MAX_BYTES - FIRST.pem().length()));

        assertThat(trust().getAcceptedIssuers()).hasSize(1);
    }

    @Test
    void aFifoInPlaceOfTheFileIsNotOpened() throws Exception {
        int exitCode = new ProcessBuilder("mkfifo", file.toString()).start().waitFor();
        assertThat(exitCode).isZero();

        assertThatThrownBy(() -> trust()).hasMessage("the CA file " + file + " is not a regular file");
    }

    @Test
    void aFileThatAppearsLaterIsUsed() throws Exception {
        assertThatThrownBy(() -> trust()).hasMessageEndingWith("does not exist");

        Files.writeString(file, FIRST.pem());

        assertThat(trust().getAcceptedIssuers()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void anUnusableFileKeepsThePreviousFileInUseAndIsReportedOnce(String content, String reason) throws Exception {
        Files.writeString(file, FIRST.pem());
        X509ExtendedTrustManager before = trust();
        replace(content);

        List<X509ExtendedTrustManager> after = List.of(trust(), trust());

        assertThat(after).allMatch(before::equals);
        assertThat(log.lines())
                .containsExactly(
                        "WARN the CA file " + file + " " + reason + "; the certificates it had before stay in use");
    }

    @Test
    void aFileThatDisappearsAndReturnsIsReportedTwice() throws Exception {
        Files.writeString(file, FIRST.pem());
        X509ExtendedTrustManager before = trust();
        Files.delete(file);
        List<X509ExtendedTrustManager> without = List.of(trust(), trust());

        Files.writeString(file, FIRST.pem());

        assertThat(trust()).isSameAs(before);
        assertThat(without).allMatch(before::equals);
        assertThat(log.lines())
                .containsExactly(
                        "WARN the CA file " + file + " does not exist; the certificates it had before stay in use",
                        "INFO the CA file " + file + " is usable again");
    }

    /** Moves a new file over the old file, like kubelet and other careful writers. */
    private void replace(String content) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
