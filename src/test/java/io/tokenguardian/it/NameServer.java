package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** A DNS server over UDP (RFC 1035) on port 53 of a separate loopback address. Needs root. */
final class NameServer implements AutoCloseable {
    private static final int PORT = 53;
    private static final int MOST = 512;
    private static final int HEADER = 12;
    private static final int IPV4 = 1;
    private static final short NO_ERROR = (short) 0x8180;
    private static final short NO_SUCH_NAME = (short) 0x8183;
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 24));

    private final Map<String, InetAddress> names;
    private final boolean silent;
    private final DatagramSocket socket;
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private NameServer(Map<String, InetAddress> names, boolean silent) throws IOException {
        int next = NEXT.getAndIncrement();
        byte[] address = {127, (byte) (next >> 16), (byte) (next >> 8), (byte) next};
        this.names = names;
        this.silent = silent;
        this.socket = new DatagramSocket(PORT, InetAddress.getByAddress(address));
        Thread thread = new Thread(this::serve, "name-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Resolves only these names, to their IPv4 addresses. */
    static NameServer of(Map<String, InetAddress> names) throws IOException {
        return new NameServer(names, false);
    }

    /** Receives queries and never responds. */
    static NameServer silent() throws IOException {
        return new NameServer(Map.of(), true);
    }

    String address() {
        return socket.getLocalAddress().getHostAddress();
    }

    /** Returns the queried names in order. Most appear twice, for IPv4 and IPv6. */
    Queue<String> asked() {
        return asked;
    }

    private void serve() {
        DatagramPacket packet = new DatagramPacket(new byte[MOST], MOST);
        try {
            while (true) {
                packet.setLength(MOST);
                socket.receive(packet);
                ByteBuffer question = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
                String name = name(question.position(HEADER));
                asked.add(name);
                if (!silent) {
                    byte[] answer = answer(question, name);
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // the server was closed
        }
    }

    /** Returns the queried name, and leaves the position at the type of the query. */
    private static String name(ByteBuffer message) {
        StringBuilder name = new StringBuilder();
        for (int length = message.get(); length > 0; length = message.get()) {
            byte[] label = new byte[length];
            message.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
        }
        return name.toString().toLowerCase(Locale.ROOT);
    }

    private byte[] answer(ByteBuffer question, String name) {
        short type = question.getShort();
        int end = question.position() + Short.BYTES;
        InetAddress address = names.get(name);
        byte[] found = address == null || type != IPV4 ? new byte[0] : address.getAddress();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putShort(question.getShort(0)).putShort(address == null ? NO_SUCH_NAME : NO_ERROR);
        header.putShort((short) 1).putShort((short) (found.length == 0 ? 0 : 1));
        answer.writeBytes(header.array());
        byte[] asking = new byte[end - HEADER];
        question.get(HEADER, asking);
        answer.writeBytes(asking);
        if (found.length > 0) {
            // The name of the query, type A, class IN, TTL 5 s.
            answer.writeBytes(new byte[] {(byte) 0xc0, HEADER, 0, IPV4, 0, 1, 0, 0, 0, 5, 0, 4});
            answer.writeBytes(found);
        }
        return answer.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
