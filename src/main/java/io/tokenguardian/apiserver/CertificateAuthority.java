package io.tokenguardian.apiserver;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A CA bundle. If its file becomes unusable, the last good bundle remains in use. Only {@link #refresh()} reads the
 * file, so event loops may call the other methods although the file's volume may be slow.
 */
public final class CertificateAuthority {

    private static final Logger LOG = Logger.getLogger(CertificateAuthority.class);

    private final @Nullable Path file;
    private final String source;
    private final boolean verifying;
    private volatile Reading last;

    /**
     * @param trust the last good bundle; null if the file has never been usable
     * @param pem the bytes of the last good bundle
     * @param fault why the file is unusable, in one line; null if it is usable
     */
    @SuppressWarnings("ArrayRecordComponent") // readings are never compared
    private record Reading(
            @Nullable X509ExtendedTrustManager trust,
            byte[] pem,
            @Nullable String fault) {}

    /** Reads the file. If it is not usable, {@link #trust()} reports the reason. */
    public CertificateAuthority(Path file) {
        this.file = file;
        this.source = "the CA file " + file;
        this.verifying = true;
        this.last = new Reading(null, new byte[0], source + " has not been read");
        refresh();
    }

    /** Creates a bundle that never changes; {@code source} describes it in messages. */
    public CertificateAuthority(String source, byte[] pem) throws IOException {
        this.file = null;
        this.source = source;
        this.verifying = true;
        this.last = new Reading(trustManager(PemBundle.parse(source, pem)), pem.clone(), null);
    }

    private CertificateAuthority(X509ExtendedTrustManager unverified) {
        this.file = null;
        this.source = "";
        this.last = new Reading(unverified, new byte[0], null);
        this.verifying = false;
    }

    /** Returns an authority that trusts any certificate, as kubectl does with {@code insecure-skip-tls-verify}. */
    public static CertificateAuthority unverified() {
        // With its type, Java verifies no name either.
        return new CertificateAuthority(extended(InsecureTrustManagerFactory.INSTANCE));
    }

    public boolean isVerifying() {
        return verifying;
    }

    String source() {
        return source;
    }

    /**
     * Returns what trusts the last good bundle. Each content has its own trust manager; what uses an old trust manager
     * must be recreated.
     *
     * @throws IOException if the file has never been usable, with one line that names it and the reason
     */
    X509ExtendedTrustManager trust() throws IOException {
        return trust(last);
    }

    private static X509ExtendedTrustManager trust(Reading reading) throws IOException {
        if (reading.trust() == null) {
            throw new IOException(String.valueOf(reading.fault()));
        }
        return reading.trust();
    }

    /** Returns the bytes of the PEM file that {@link #trust()} was created from, and throws as it does. */
    public byte[] pem() throws IOException {
        Reading reading = last;
        trust(reading);
        return reading.pem().clone();
    }

    /** Reads the file. May block as long as the volume does. Called by one thread at a time. */
    public void refresh() {
        if (file == null) {
            return;
        }
        Reading before = last;
        try {
            byte[] pem = PemBundle.read(source, file);
            boolean same = before.trust() != null && Arrays.equals(pem, before.pem());
            last = new Reading(same ? before.trust() : trustManager(PemBundle.parse(source, pem)), pem, null);
            if (before.trust() != null && (!same || before.fault() != null)) {
                LOG.infof("%s %s", source, same ? "is usable again" : "has changed");
            }
        } catch (IOException e) {
            if (before.trust() != null && !Objects.equals(e.getMessage(), before.fault())) {
                LOG.warnf("%s; the certificates it had before stay in use", e.getMessage());
            }
            last = new Reading(before.trust(), before.pem(), e.getMessage());
        }
    }

    private static X509ExtendedTrustManager trustManager(List<X509Certificate> certificates) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                anchors.setCertificateEntry(Integer.toString(i), certificates.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(anchors);
            return extended(factory);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java runtime can't load the CA certificates", e);
        }
    }

    private static X509ExtendedTrustManager extended(TrustManagerFactory factory) {
        return Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("this Java runtime has no X.509 trust manager"));
    }
}
