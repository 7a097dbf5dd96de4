package io.tokenguardian.proxy.caller;

import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * Creates the certificates of the in-cluster listener (RFC 5280). They are valid from 1970 and do not expire (section
 * 4.1.2.5), because a node's clock may be wrong.
 */
final class InClusterCertificates {

    private static final byte[] ECDSA_WITH_SHA256 = // 1.2.840.10045.4.3.2
            Der.sequence(Der.tagged(0x06, HexFormat.of().parseHex("2a8648ce3d040302")));

    private static final byte[] SERVER_AUTHENTICATION = // 1.3.6.1.5.5.7.3.1
            Der.tagged(0x06, HexFormat.of().parseHex("2b06010505070301"));

    /** The start is a UTCTime, as required for dates through 2049. The end is a GeneralizedTime. */
    private static final byte[] VALIDITY =
            Der.sequence(Der.ascii(0x17, "700101000000Z"), Der.ascii(0x18, "99991231235959Z"));

    private static final byte[] VERSION_3 = Der.tagged(0xa0, Der.integer(BigInteger.TWO));
    private static final byte[] TRUE = Der.tagged(0x01, new byte[] {(byte) 0xff});

    /** The last arcs of the extensions' OIDs, after 2.5.29 (section 4.2.1). */
    private static final int SUBJECT_KEY_IDENTIFIER = 14;

    private static final int KEY_USAGE = 15;
    private static final int SUBJECT_ALTERNATIVE_NAME = 17;
    private static final int BASIC_CONSTRAINTS = 19;
    private static final int AUTHORITY_KEY_IDENTIFIER = 35;
    private static final int EXTENDED_KEY_USAGE = 37;

    private InClusterCertificates() {}

    /** The authority may sign server certificates but not certificates of other authorities. */
    static X509Certificate authority(KeyPair keys) throws GeneralSecurityException {
        String unique = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
        X500Principal name = new X500Principal("CN=token-guardian in-cluster " + unique);
        return signed(
                name,
                keys.getPrivate(),
                keys.getPublic(),
                name,
                keys.getPublic(),
                critical(BASIC_CONSTRAINTS, Der.sequence(TRUE, Der.integer(BigInteger.ZERO))),
                critical(KEY_USAGE, Der.bits(2, (byte) 0x04)), // keyCertSign, which is bit 5
                extension(SUBJECT_KEY_IDENTIFIER, Der.octets(identifier(keys.getPublic()))));
    }

    /**
     * Whether this class created the authority's {@code certificate}. Its subject key identifier must match the
     * identifier that {@link #server} writes, or clients would refuse the server certificates.
     */
    static boolean isAuthority(X509Certificate certificate) throws GeneralSecurityException {
        byte[] ours = Der.octets(Der.octets(identifier(certificate.getPublicKey())));
        return certificate.getBasicConstraints() >= 0
                && Arrays.equals(certificate.getExtensionValue("2.5.29." + SUBJECT_KEY_IDENTIFIER), ours);
    }

    /** @param hosts DNS names and IP addresses */
    static X509Certificate server(List<String> hosts, PublicKey key, X509Certificate authority, PrivateKey authorityKey)
            throws GeneralSecurityException {
        PublicKey authorityPublicKey = authority.getPublicKey();
        return signed(
                authority.getSubjectX500Principal(),
                authorityKey,
                authorityPublicKey,
                new X500Principal("CN=token-guardian"),
                key,
                critical(BASIC_CONSTRAINTS, Der.sequence()),
                critical(KEY_USAGE, Der.bits(7, (byte) 0x80)), // digitalSignature, which is bit 0
                extension(EXTENDED_KEY_USAGE, Der.sequence(SERVER_AUTHENTICATION)),
                extension(
                        SUBJECT_ALTERNATIVE_NAME,
                        Der.sequence(hosts.stream()
                                .map(InClusterCertificates::generalName)
                                .toArray(byte[][]::new))),
                extension(SUBJECT_KEY_IDENTIFIER, Der.octets(identifier(key))),
                extension(AUTHORITY_KEY_IDENTIFIER, Der.sequence(Der.tagged(0x80, identifier(authorityPublicKey)))));
    }

    private static byte[] generalName(String host) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return address == null ? Der.ascii(0x82, host) : Der.tagged(0x87, address);
    }

    /** RFC 7093, section 2: 160 bits of a SHA-256 hash. */
    private static byte[] identifier(PublicKey key) throws GeneralSecurityException {
        return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
    }

    private static byte[] extension(int arc, byte[] value) {
        return Der.sequence(Der.tagged(0x06, new byte[] {0x55, 0x1d, (byte) arc}), Der.octets(value));
    }

    private static byte[] critical(int arc, byte[] value) {
        return Der.sequence(Der.tagged(0x06, new byte[] {0x55, 0x1d, (byte) arc}), TRUE, Der.octets(value));
    }

    /** Also throws {@link GeneralSecurityException} if the issuer's public and private keys don't match. */
    private static X509Certificate signed(
            X500Principal issuer,
            PrivateKey issuerKey,
            PublicKey issuerPublicKey,
            X500Principal subject,
            PublicKey subjectKey,
            byte[]... extensions)
            throws GeneralSecurityException {
        byte[] content = Der.sequence(
                VERSION_3,
                Der.integer(new BigInteger(127, new SecureRandom()).setBit(127)),
                ECDSA_WITH_SHA256,
                issuer.getEncoded(),
                VALIDITY,
                subject.getEncoded(),
                subjectKey.getEncoded(),
                Der.tagged(0xa3, Der.sequence(extensions)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(issuerKey);
        signature.update(content);
        byte[] encoded = Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        certificate.verify(issuerPublicKey);
        return certificate;
    }
}
