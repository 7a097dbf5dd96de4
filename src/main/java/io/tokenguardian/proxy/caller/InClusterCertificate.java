package io.tokenguardian.proxy.caller;

import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * The certificate of the in-cluster listener (RFC 5280). It is self-signed and no authority (RFC 6818, section 2), so a
 * client that trusts it trusts only its names. It is valid from 1970 and does not expire (RFC 5280, section 4.1.2.5),
 * because a node's clock may be wrong.
 */
final class InClusterCertificate {

    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(oid("2a8648ce3d040302")); // 1.2.840.10045.4.3.2
    private static final byte[] SERVER_AUTHENTICATION = oid("2b06010505070301"); // 1.3.6.1.5.5.7.3.1

    /** The start is a UTCTime, as required for dates through 2049. The end is a GeneralizedTime. */
    private static final byte[] VALIDITY =
            Der.sequence(Der.ascii(0x17, "700101000000Z"), Der.ascii(0x18, "99991231235959Z"));

    private static final byte[] VERSION_3 = Der.tagged(0xa0, Der.integer(BigInteger.TWO));
    private static final byte[] TRUE = Der.tagged(0x01, new byte[] {(byte) 0xff});
    private static final byte[] NOT_CRITICAL = {};

    /** The OIDs of the extensions (RFC 5280, section 4.2.1). */
    private static final String KEY_USAGE = "551d0f";

    private static final String SUBJECT_ALTERNATIVE_NAME = "551d11";
    private static final String BASIC_CONSTRAINTS = "551d13";
    private static final String EXTENDED_KEY_USAGE = "551d25";

    private InClusterCertificate() {}

    /** @param hosts DNS names and IP addresses */
    static X509Certificate of(List<String> hosts, KeyPair keys) throws GeneralSecurityException {
        byte[] name = new X500Principal("CN=token-guardian").getEncoded();
        byte[] content = Der.sequence(
                VERSION_3,
                Der.integer(new BigInteger(127, new SecureRandom()).setBit(127)),
                ECDSA_WITH_SHA256,
                name,
                VALIDITY,
                name,
                keys.getPublic().getEncoded(),
                Der.tagged(
                        0xa3,
                        Der.sequence(
                                extension(BASIC_CONSTRAINTS, TRUE, Der.sequence()),
                                extension(KEY_USAGE, TRUE, Der.bits(7, (byte) 0x80)), // digitalSignature, bit 0
                                extension(EXTENDED_KEY_USAGE, NOT_CRITICAL, Der.sequence(SERVER_AUTHENTICATION)),
                                extension(SUBJECT_ALTERNATIVE_NAME, NOT_CRITICAL, names(hosts)))));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(content);
        byte[] encoded = Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    static boolean isFor(List<String> hosts, X509Certificate certificate) {
        return Arrays.equals(certificate.getExtensionValue("2.5.29.17"), Der.octets(names(hosts)));
    }

    private static byte[] names(List<String> hosts) {
        return Der.sequence(
                hosts.stream().map(InClusterCertificate::generalName).toArray(byte[][]::new));
    }

    private static byte[] generalName(String host) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return address == null ? Der.ascii(0x82, host) : Der.tagged(0x87, address);
    }

    private static byte[] oid(String hex) {
        return Der.tagged(0x06, HexFormat.of().parseHex(hex));
    }

    private static byte[] extension(String oid, byte[] critical, byte[] value) {
        return Der.sequence(oid(oid), critical, Der.octets(value));
    }
}
