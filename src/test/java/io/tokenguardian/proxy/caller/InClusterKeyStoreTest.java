package io.tokenguardian.proxy.caller;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.token.LogRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InClusterKeyStoreTest {

    private static final List<String> HOSTS = List.of("localhost");

    @TempDir
    Path temporary;

    private Path directory = Path.of("unset");
    private Path file = directory;

    @BeforeEach
    void place() {
        directory = temporary.resolve("in-cluster");
        file = directory.resolve(InClusterKeyStore.FILE);
    }

    @Test
    void aRestartKeepsTheKeyAndTheCertificate() throws Exception {
        String first = InClusterKeyStore.open(directory, HOSTS).pem();

        InClusterKeyStore restarted = InClusterKeyStore.open(directory, HOSTS);

        assertThat(restarted.pem()).isEqualTo(first);
        assertThat(restarted.keyManagers()).hasSize(1);
    }

    @Test
    void onlyTheGuardianMayUseTheDirectoryAndTheFile() throws Exception {
        InClusterKeyStore.open(directory, HOSTS);

        assertThat(mode(directory)).isEqualTo("rwx------");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aFileThatOthersMayReadIsRestricted() throws Exception {
        String pem = InClusterKeyStore.open(directory, HOSTS).pem();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));

        assertThat(InClusterKeyStore.open(directory, HOSTS).pem()).isEqualTo(pem);
        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void anEmptyDirectoryIsRestrictedToTheGuardian() throws Exception {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

        InClusterKeyStore.open(directory, HOSTS);

        assertThat(mode(directory)).isEqualTo("rwx------");
    }

    @Test
    void aDirectoryWithOtherFilesKeepsItsModeAndTheFiles() throws Exception {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path other = Files.writeString(directory.resolve("precious"), "precious");

        InClusterKeyStore.open(directory, HOSTS);

        assertThat(mode(directory)).isEqualTo("rwxr-xr-x");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(other).hasContent("precious");
    }

    @Test
    void aHalfWrittenFileOfAKilledRunIsReplacedSilently() throws Exception {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve(InClusterKeyStore.FILE + ".tmp"), "half");
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            InClusterKeyStore.open(directory, HOSTS);

            assertThat(log.lines()).isEmpty();
        }
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "garbage", "cut off", "one byte"})
    void anUnusableFileIsReplacedAndLoggedInOneLine(String damage) throws Exception {
        String before = InClusterKeyStore.open(directory, HOSTS).pem();
        Files.write(file, damaged(damage, Files.readAllBytes(file)));
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            InClusterKeyStore made = InClusterKeyStore.open(directory, HOSTS);

            assertThat(made.pem()).isNotEqualTo(before);
            assertThat(log.lines())
                    .containsExactly("WARN " + file + " is damaged, so the in-cluster listener has a new certificate;"
                            + " an app that has read the previous certificate needs a restart");
            assertThat(InClusterKeyStore.open(directory, HOSTS).pem()).isEqualTo(made.pem());
        }
    }

    private static byte[] damaged(String damage, byte[] whole) {
        return switch (damage) {
            case "empty" -> new byte[0];
            case "garbage" -> "garbage".getBytes(US_ASCII);
            case "cut off" -> Arrays.copyOf(whole, whole.length - 1);
            case "one byte" -> {
                whole[whole.length / 2]++;
                yield whole;
            }
            default -> throw new IllegalArgumentException(damage);
        };
    }

    @Test
    void aCertificateForOtherAddressesIsReplaced() throws Exception {
        InClusterKeyStore.open(directory, List.of("10.0.0.1"));
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            InClusterKeyStore made = InClusterKeyStore.open(directory, HOSTS);

            assertThat(InClusterCertificate.isFor(HOSTS, made.certificate())).isTrue();
            assertThat(log.lines()).singleElement().asString().contains(" is for other addresses, so ");
        }
    }

    @Test
    void aDirectoryThatCantBeMadeIsAnErrorOfOneLine() throws Exception {
        Files.writeString(directory, "a file");

        assertThatThrownBy(() -> InClusterKeyStore.open(directory, HOSTS))
                .isInstanceOf(IOException.class)
                .hasMessage("guardian.in-cluster.directory: \"" + directory + "\" can't be written: " + directory
                        + " already exists, and is not a directory; use a directory that only the guardian uses, such"
                        + " as an emptyDir");
    }

    @Test
    void aDirectoryInTheFilesPlaceIsAnErrorAndStays() throws Exception {
        Files.createDirectories(file.resolve("precious"));

        assertThatThrownBy(() -> InClusterKeyStore.open(directory, HOSTS))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("guardian.in-cluster.directory: \"" + directory + "\" can't be written: ")
                .hasMessageNotContaining("\n");
        assertThat(file.resolve("precious")).exists();
    }

    @Test
    void anAppGetsOnlyTheCertificate() throws Exception {
        String pem = InClusterKeyStore.open(directory, HOSTS).pem();

        assertThat(pem).startsWith("-----BEGIN CERTIFICATE-----\n").endsWith("\n-----END CERTIFICATE-----\n");
        assertThat(pem).doesNotContain("PRIVATE");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
