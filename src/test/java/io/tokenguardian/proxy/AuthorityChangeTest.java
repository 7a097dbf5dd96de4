package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file with the API server's CA changes while the proxy runs. */
class AuthorityChangeTest {

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    private String otherCa;
    private CertificateAuthority authority;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
        try (StandInApiServer other = StandInApiServer.builder().start()) {
            otherCa = other.caPem();
        }
        authority = StandIns.authority(server, directory);
    }

    private void write(String pem) throws IOException {
        Files.writeString(directory.resolve("ca.crt"), pem);
        authority.refresh();
    }

    private RunningProxy proxy() throws IOException {
        return new RunningProxy(StandIns.address(server), authority, new SettingsDraft()).using(server.issue());
    }

    @Test
    void aNewConnectionUsesTheNewAuthority() throws IOException {
        // Given
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            write(otherCa);
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 502 ");

            // When
            write(server.caPem()
                    + "\n"); // another byte: the size shows the change even if the modification time does not

            // Then
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void anOpenConnectionOutlivesAChangeOfTheAuthority() throws IOException {
        // Given
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            caller.get("/version", "").readAnswer();

            // When
            write(otherCa);

            // Then
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(server.replicas().stream()
                            .mapToLong(Replica::connectionCount)
                            .sum())
                    .isEqualTo(1);
        }
    }
}
