package io.tokenguardian.proxy;

import io.tokenguardian.Needed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace that a virtual cable connects to the test's namespace. The cable can be cut at the far end.
 * Packets are then lost silently, as when a node loses power. The addresses are from the range for network tests (RFC
 * 2544).
 */
final class PeerNetwork implements AutoCloseable {
    private static final String MAC = "02:00:00:00:00:02";

    private final String ip = Needed.onPath("ip", "iproute2");
    private final String name;
    private final String near;
    private final String far;

    private PeerNetwork() {
        long pid = ProcessHandle.current().pid();
        String net = "198.18." + (pid >> 6) % 256 + ".";
        long host = pid % 64 * 4;
        name = "guardian-" + pid;
        near = net + (host + 1);
        far = net + (host + 2);
    }

    /** Makes the network, which needs root. Otherwise the test is skipped or fails. */
    static PeerNetwork make() throws IOException {
        PeerNetwork network = new PeerNetwork();
        Needed.isThere(
                network.run("netns", "add", network.name), "root that may make network namespaces (ip netns add)");
        try {
            network.connect();
        } catch (IOException e) {
            network.close();
            throw e;
        }
        return network;
    }

    private void connect() throws IOException {
        String cable = "tg" + ProcessHandle.current().pid();
        must("link", "add", cable, "type", "veth", "peer", "name", "far", "address", MAC, "netns", name);
        must("addr", "add", near + "/30", "dev", cable);
        must("-n", name, "addr", "add", far + "/30", "dev", "far");
        must("link", "set", cable, "up");
        restore();
        // Otherwise address resolution would fail, and the system would report that.
        must("neigh", "replace", far, "lladdr", MAC, "nud", "permanent", "dev", cable);
    }

    /** Returns the address in the namespace. */
    String address() {
        return far;
    }

    /** Returns the command line that runs {@code command} in the namespace. */
    List<String> inside(List<String> command) {
        List<String> inside = new ArrayList<>(List.of(ip, "netns", "exec", name));
        inside.addAll(command);
        return inside;
    }

    void cut() throws IOException {
        must("-n", name, "link", "set", "far", "down");
    }

    void restore() throws IOException {
        must("-n", name, "link", "set", "far", "up");
    }

    private void must(String... arguments) throws IOException {
        if (!run(arguments)) {
            throw new IOException("ip " + String.join(" ", arguments) + " failed");
        }
    }

    private boolean run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ip));
        command.addAll(List.of(arguments));
        Process running = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return running.onExit().join().exitValue() == 0;
    }

    /** Removes the namespace and the cable. */
    @Override
    public void close() throws IOException {
        must("netns", "delete", name);
    }
}
