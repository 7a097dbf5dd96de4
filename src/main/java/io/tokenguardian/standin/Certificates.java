package io.tokenguardian.standin;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A temporary certificate authority, and the server and client certificates that it signs. */
final class Certificates {

    /** The names in every replica's certificate (docs/api-server.md, TLS and addresses). */
    static final List<String> SERVING_NAMES = List.of(
            "kubernetes.default.svc",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc.cluster.local",
            "localhost",
            "127.0.0.1",
            "::1");

    private static final String SERVICE_ADDRESS = "10.96.0.1";

    /** The name of the node on which replica {@code index} runs. */
    static String nodeName(int index) {
        return "cp-" + (index + 1);
    }

    /**
     * The names in a replica's certificate. As with kubeadm, these are the node's name, the replica's address, and the
     * names that all replicas share.
     */
    static List<String> namesOf(int index) {
        List<String> names = new ArrayList<>(SERVING_NAMES);
        names.addAll(List.of(nodeName(index), "192.0.2." + (index + 1), SERVICE_ADDRESS));
        return names;
    }

    /**
     * Returns a TLS context for a client that trusts the authority {@code caPem}.
     *
     * @param clients the client certificate, if the client has one
     */
    static SSLContext trusting(String caPem, Identity... clients) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "ca",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(caPem.getBytes(StandardCharsets.US_ASCII))));
            for (Identity client : clients) {
                store.setKeyEntry("client", client.key(), new char[0], new X509Certificate[] {client.certificate()});
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A private key with its certificate. */
    record Identity(PrivateKey key, X509Certificate certificate) {}

    private final X500Name name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    private Certificates(X500Name name, KeyPair keys, X509Certificate certificate) {
        this.name = name;
        this.keys = keys;
        this.certificate = certificate;
    }

    /** Creates a new authority with a new key. */
    static Certificates create() {
        try {
            X500Name name = new X500Name("CN=stand-in-ca-" + Long.toHexString(new SecureRandom().nextLong()));
            KeyPair keys = ecKeys();
            JcaX509v3CertificateBuilder builder = builder(name, name, keys);
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
            return new Certificates(name, keys, sign(builder, keys.getPrivate()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("can't create a certificate authority", e);
        }
    }

    /** Creates a serving certificate for these DNS names and IP addresses. */
    Identity serving(List<String> names) {
        GeneralName[] alternatives =
                names.stream().map(Certificates::generalName).toArray(GeneralName[]::new);
        return issued(new X500Name("CN=kube-apiserver"), KeyPurposeId.id_kp_serverAuth, new GeneralNames(alternatives));
    }

    private Identity issued(X500Name subject, KeyPurposeId purpose, @Nullable GeneralNames names) {
        try {
            KeyPair ownKeys = ecKeys();
            JcaX509v3CertificateBuilder builder = builder(name, subject, ownKeys);
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(certificate));
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new Identity(ownKeys.getPrivate(), sign(builder, keys.getPrivate()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("can't create a certificate", e);
        }
    }

    /** Creates a client certificate with the user as its CN and the groups as its O. */
    Identity client(String user, List<String> groups) {
        X500NameBuilder subject = new X500NameBuilder().addRDN(BCStyle.CN, user);
        groups.forEach(group -> subject.addRDN(BCStyle.O, group));
        return issued(subject.build(), KeyPurposeId.id_kp_clientAuth, null);
    }

    /**
     * Returns the user that a client certificate identifies; null if this authority did not sign the certificate for
     * client use.
     */
    @Nullable
    User user(X509Certificate shown) {
        try {
            shown.checkValidity();
            shown.verify(certificate.getPublicKey());
            if (shown.getExtendedKeyUsage() == null
                    || !shown.getExtendedKeyUsage().contains(KeyPurposeId.id_kp_clientAuth.getId())) {
                return null;
            }
        } catch (GeneralSecurityException e) {
            return null;
        }
        X500Name subject = X500Name.getInstance(shown.getSubjectX500Principal().getEncoded());
        List<String> groups = new ArrayList<>(values(subject, BCStyle.O));
        groups.add("system:authenticated");
        return new User(
                values(subject, BCStyle.CN).get(0),
                null,
                groups,
                Map.of("authentication.kubernetes.io/credential-id", List.of("X509SHA256=" + sha256(shown))));
    }

    private static String sha256(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static List<String> values(X500Name subject, ASN1ObjectIdentifier type) {
        return Arrays.stream(subject.getRDNs(type))
                .map(each -> IETFUtils.valueToString(each.getFirst().getValue()))
                .toList();
    }

    /**
     * Returns a trust manager that requests a client certificate signed by this authority, but accepts any certificate.
     */
    X509ExtendedTrustManager trustingAnyClient() {
        return new AnyClientTrustManager(certificate);
    }

    /** The authority's certificate, as in {@code ca.crt}. */
    String pem() {
        return pem("CERTIFICATE", certificate::getEncoded);
    }

    /** Supplies the encoded form of an object, such as a certificate or a key. */
    interface Encoded {
        byte[] get() throws GeneralSecurityException;
    }

    static String pem(String type, Encoded encoded) {
        try {
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded.get());
            return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("can't encode a " + type, e);
        }
    }

    private static GeneralName generalName(String name) {
        boolean address = name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || Character.isDigit(c));
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    /**
     * Creates an elliptic-curve key pair. Creating an RSA key would take longer than all other startup steps combined.
     */
    private static KeyPair ecKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static JcaX509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair keys) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(64, new SecureRandom()).add(BigInteger.ONE),
                Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(365, ChronoUnit.DAYS)),
                subject,
                keys.getPublic());
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }
}
