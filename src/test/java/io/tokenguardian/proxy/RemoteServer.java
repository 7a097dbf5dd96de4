package io.tokenguardian.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@link ScriptedServer} in its own process, which may run in another network. A request for {@code /watch} gets one
 * event, and its response never ends. Any other request gets a whole response.
 */
final class RemoteServer implements AutoCloseable {
    private final Process process;
    private final ApiServerAddress address;
    private final CertificateAuthority authority;

    private RemoteServer(Process process, ApiServerAddress address, CertificateAuthority authority) {
        this.process = process;
        this.address = address;
        this.authority = authority;
    }

    static RemoteServer start(PeerNetwork network) throws IOException {
        Process process = new ProcessBuilder(network.inside(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        RemoteServer.class.getName(),
                        network.address())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        int port = Integer.parseInt(said.readLine());
        Path certificate = Path.of(said.readLine());
        return new RemoteServer(
                process,
                new ApiServerAddress(network.address(), port, "localhost"),
                new CertificateAuthority(certificate));
    }

    ApiServerAddress address() {
        return address;
    }

    CertificateAuthority authority() {
        return authority;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** Takes the address to listen on, prints its port and certificate, and ends when its input ends. */
    public static void main(String[] arguments) throws IOException {
        try (ScriptedServer server = new ScriptedServer(InetAddress.getByName(arguments[0]), RemoteServer::answer)) {
            System.out.println(server.address().port());
            System.out.println(server.certificateFile());
            while (System.in.read() >= 0) {
                // the input is always empty
            }
        }
    }

    private static void answer(ScriptedServer.Connection connection) throws IOException {
        for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
            if (head.startsWith("GET /watch ")) {
                connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n");
            } else {
                connection.answer("200 OK", "here");
            }
        }
    }
}
