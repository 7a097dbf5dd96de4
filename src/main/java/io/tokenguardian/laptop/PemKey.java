package io.tokenguardian.laptop;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A private RSA or EC key in PEM, in the format PKCS#8, PKCS#1 or SEC 1. */
final class PemKey {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END [A-Z ]*PRIVATE KEY-----");

    private static final byte[] VERSION = {0x02, 0x01, 0x00}; // the integer 0
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;

    private PemKey() {}

    /** Returns the first key, for the algorithm of the certificate's public key. */
    static PrivateKey of(String pem, PublicKey certified) throws GeneralSecurityException {
        Matcher key = KEY.matcher(pem);
        if (!key.find()) {
            throw new InvalidKeyException("no private key");
        }
        byte[] der = Base64.getMimeDecoder().decode(key.group(2));
        byte[] pkcs8 = key.group(1).isEmpty() ? der : pkcs8(der, certified.getEncoded());
        return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /**
     * Converts PKCS#1 or SEC 1 to PKCS#8 (RFC 5208), which adds the algorithm. That is at the beginning of
     * {@code info}, a {@code SubjectPublicKeyInfo} (RFC 5280), and is shorter than 128 bytes.
     */
    private static byte[] pkcs8(byte[] key, byte[] info) {
        int from = 2 + (info[1] < 0 ? info[1] & 0x7f : 0);
        byte[] algorithm = Arrays.copyOfRange(info, from, from + 2 + info[from + 1]);
        return der(SEQUENCE, VERSION, algorithm, der(OCTETS, key));
    }

    /** Encodes one value of at most 65,535 bytes in DER (ITU-T X.690). */
    private static byte[] der(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] each : contents) {
            content.writeBytes(each);
        }
        int length = content.size();
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(tag);
        if (length > 0xff) {
            value.write(0x82); // two bytes of length follow
            value.write(length >> 8);
        } else if (length > 0x7f) {
            value.write(0x81); // one byte of length follows
        }
        value.write(length);
        value.writeBytes(content.toByteArray());
        return value.toByteArray();
    }
}
