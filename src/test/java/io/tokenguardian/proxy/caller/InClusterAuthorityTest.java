package io.tokenguardian.proxy.caller;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.proxy.InClusterCallers;
import io.tokenguardian.token.LogRecords;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InClusterAuthorityTest {

    @TempDir
    Path temporary;

    private Path directory = Path.of("unset");
    private Path file = directory;

    @BeforeEach
    void place() {
        directory = temporary.resolve("in-cluster");
        file = directory.resolve(InClusterAuthority.FILE);
    }

    @Test
    void aRestartKeepsTheAuthorityAndItCertifiesANewKey() throws Exception {
        InClusterAuthority first = InClusterAuthority.open(directory);

        InClusterAuthority restarted = InClusterAuthority.open(directory);

        assertThat(restarted.pem()).isEqualTo(first.pem());
        KeyPair keys = InClusterAuthority.newKeys();
        X509Certificate renewed = restarted.certify(keys.getPublic(), List.of("localhost"));
        renewed.verify(InClusterCallers.certificate(first.pem()).getPublicKey());
        assertThat(renewed.getPublicKey()).isEqualTo(keys.getPublic());
    }

    @Test
    void onlyTheGuardianMayUseTheDirectoryAndTheFile() throws IOException {
        InClusterAuthority.open(directory);

        assertThat(mode(directory)).isEqualTo("rwx------");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aFileThatOthersMayReadIsRestricted() throws IOException {
        String pem = InClusterAuthority.open(directory).pem();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));

        assertThat(InClusterAuthority.open(directory).pem()).isEqualTo(pem);
        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void anEmptyDirectoryIsRestrictedToTheGuardian() throws IOException {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

        InClusterAuthority.open(directory);

        assertThat(mode(directory)).isEqualTo("rwx------");
    }

    @Test
    void aDirectoryWithOtherFilesKeepsItsModeAndTheFiles() throws IOException {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path other = Files.writeString(directory.resolve("precious"), "precious");

        InClusterAuthority.open(directory);

        assertThat(mode(directory)).isEqualTo("rwxr-xr-x");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(other).hasContent("precious");
    }

    @Test
    void aHalfWrittenFileOfAKilledRunIsReplacedSilently() throws IOException {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve(InClusterAuthority.FILE + ".tmp"), "-----BEGIN CERT");
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            InClusterAuthority.open(directory);

            assertThat(log.lines()).isEmpty();
        }
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "cut off", "one byte", "key of another", "no key", "a server's", "foreign"})
    void anUnusableFileIsReplacedAndLoggedInOneLine(String damage) throws Exception {
        String before = InClusterAuthority.open(directory).pem();
        Files.write(file, damaged(damage, Files.readString(file)));
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            InClusterAuthority made = InClusterAuthority.open(directory);

            assertThat(made.pem()).isNotEqualTo(before);
            assertThat(log.lines())
                    .containsExactly(
                            "WARN " + file + " is damaged, so the in-cluster listener has a new CA; an app that"
                                    + " has read the previous CA needs a restart");
            assertThat(InClusterAuthority.open(directory).pem()).isEqualTo(made.pem());
        }
    }

    private byte[] damaged(String damage, String whole) throws Exception {
        return switch (damage) {
            case "empty" -> new byte[0];
            case "cut off" -> whole.substring(0, whole.length() - 40).getBytes(US_ASCII);
            case "one byte" -> {
                char[] changed = whole.toCharArray();
                int inSignature = whole.indexOf("-----END") - 30;
                changed[inSignature] = changed[inSignature] == 'A' ? 'B' : 'A';
                yield new String(changed).getBytes(US_ASCII);
            }
            case "key of another" -> {
                InClusterAuthority.open(temporary.resolve("other"));
                String other = Files.readString(temporary.resolve("other").resolve(InClusterAuthority.FILE));
                String mark = "-----BEGIN PRIVATE KEY-----";
                yield (whole.substring(0, whole.indexOf(mark)) + other.substring(other.indexOf(mark)))
                        .getBytes(US_ASCII);
            }
            case "no key" ->
                whole.substring(0, whole.indexOf("-----BEGIN PRIVATE")).getBytes(US_ASCII);
            case "a server's" -> {
                KeyPair keys = InClusterAuthority.newKeys();
                X509Certificate server = InClusterAuthority.open(directory).certify(keys.getPublic(), List.of("x"));
                yield pem("CERTIFICATE", server.getEncoded()).getBytes(US_ASCII);
            }
            case "foreign" -> foreign().getBytes(US_ASCII);
            default -> throw new IllegalArgumentException(damage);
        };
    }

    /** An authority from another program, with a SHA-1 key identifier, as most tools create it. */
    private static String foreign() throws Exception {
        KeyPair keys = InClusterAuthority.newKeys();
        X500Name name = new X500Name("CN=foreign");
        Instant now = Instant.now();
        X509CertificateHolder certificate = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(Duration.ofDays(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        name,
                        keys.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                .addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
        return pem("CERTIFICATE", certificate.getEncoded())
                + pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }

    @Test
    void aDirectoryThatCantBeMadeIsAnErrorOfOneLine() throws IOException {
        Files.writeString(directory, "a file");

        assertThatThrownBy(() -> InClusterAuthority.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessage("guardian.in-cluster.directory: \"" + directory + "\" can't be written: " + directory
                        + " already exists, and is not a directory; use a directory that only the guardian uses, such"
                        + " as an emptyDir");
    }

    @Test
    void aDirectoryInTheFilesPlaceIsAnErrorAndStays() throws IOException {
        Files.createDirectories(file.resolve("precious"));

        assertThatThrownBy(() -> InClusterAuthority.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("guardian.in-cluster.directory: \"" + directory + "\" can't be written: ")
                .hasMessageNotContaining("\n");
        assertThat(file.resolve("precious")).exists();
    }

    @Test
    void anAppGetsOnlyTheCertificate() throws IOException {
        String pem = InClusterAuthority.open(directory).pem();

        assertThat(pem).startsWith("-----BEGIN CERTIFICATE-----\n").endsWith("\n-----END CERTIFICATE-----\n");
        assertThat(pem).doesNotContain("PRIVATE");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
