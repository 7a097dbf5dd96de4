package io.tokenguardian.proxy;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.dev.StandInApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts a proxy before a stand-in API server. */
final class StandIns {

    private StandIns() {}

    static RunningProxy before(StandInApiServer server, Path directory, SettingsDraft draft, int threads)
            throws IOException {
        Path ca = Files.writeString(directory.resolve("ca.crt"), server.caPem());
        return new RunningProxy(
                new ApiServerAddress("127.0.0.1", server.port(), "127.0.0.1"),
                new CertificateAuthority(ca),
                draft.settings(),
                threads);
    }

    /** With one event loop and so much capacity. */
    static RunningProxy before(StandInApiServer server, Path directory, SettingsDraft draft, ProxyCapacity capacity)
            throws IOException {
        Path ca = Files.writeString(directory.resolve("ca.crt"), server.caPem());
        return new RunningProxy(
                new ApiServerAddress("127.0.0.1", server.port(), "127.0.0.1"),
                new CertificateAuthority(ca),
                draft.settings(),
                1,
                capacity,
                System::nanoTime);
    }

    static RunningProxy before(StandInApiServer server, Path directory) throws IOException {
        return before(server, directory, new SettingsDraft(), 1);
    }
}
