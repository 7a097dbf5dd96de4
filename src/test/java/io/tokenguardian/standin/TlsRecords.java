package io.tokenguardian.standin;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/** A socket below TLS that keeps the received bytes, to read the types of the TLS records. */
final class TlsRecords extends Socket {

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    TlsRecords(int port) throws IOException {
        super(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                int next = super.read();
                if (next >= 0) {
                    received.write(next);
                }
                return next;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = super.read(bytes, offset, length);
                if (count > 0) {
                    received.write(bytes, offset, count);
                }
                return count;
            }
        };
    }

    /** The content type of the last received record (RFC 5246, 6.2.1). */
    int lastType() {
        byte[] bytes = received.toByteArray();
        int type = 0;
        for (int at = 0; at + 5 <= bytes.length; ) {
            type = bytes[at];
            at += 5 + 256 * Byte.toUnsignedInt(bytes[at + 3]) + Byte.toUnsignedInt(bytes[at + 4]);
        }
        return type;
    }
}
