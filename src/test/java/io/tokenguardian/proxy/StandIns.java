package io.tokenguardian.proxy;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts proxies for stand-in API servers. */
final class StandIns {

    /** The body that every refused token gets (docs/api-server.md, 401 responses). */
    static final String UNAUTHORIZED =
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                    + "\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}\n";

    private StandIns() {}

    static RunningProxy before(StandInApiServer server, Path directory, SettingsDraft draft) throws IOException {
        return new RunningProxy(address(server), authority(server, directory), draft);
    }

    static RunningProxy before(StandInApiServer server, Path directory) throws IOException {
        return before(server, directory, new SettingsDraft());
    }

    static ApiServerAddress address(StandInApiServer server) {
        return new ApiServerAddress("127.0.0.1", server.port(), "127.0.0.1");
    }

    static CertificateAuthority authority(StandInApiServer server, Path directory) throws IOException {
        return new CertificateAuthority(Files.writeString(directory.resolve("ca.crt"), server.caPem()));
    }
}
