package io.tokenguardian.proxy.caller;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/** Encodes the values of a certificate in DER (ITU-T X.690). Each method returns one encoded value. */
final class Der {

    private Der() {}

    static byte[] sequence(byte[]... values) {
        return tagged(0x30, values);
    }

    static byte[] integer(BigInteger value) {
        return tagged(0x02, value.toByteArray());
    }

    static byte[] octets(byte[] value) {
        return tagged(0x04, value);
    }

    /** @param unused the number of unused bits at the end of {@code value} */
    static byte[] bits(int unused, byte... value) {
        return tagged(0x03, new byte[] {(byte) unused}, value);
    }

    static byte[] ascii(int tag, String text) {
        return tagged(tag, text.getBytes(US_ASCII));
    }

    /** @param contents at most 65,535 bytes in all */
    static byte[] tagged(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream encoded = new ByteArrayOutputStream(length + 4);
        encoded.write(tag);
        if (length > 0xff) {
            encoded.write(0x82); // two length bytes follow
            encoded.write(length >> 8);
        } else if (length > 0x7f) {
            encoded.write(0x81); // one length byte follows
        }
        encoded.write(length);
        for (byte[] content : contents) {
            encoded.writeBytes(content);
        }
        return encoded.toByteArray();
    }
}
