package io.tokenguardian.apiserver;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A CA bundle, usually read from the file next to the token. The bundle is read again when its file changes. If the
 * file becomes unusable, the last good bundle remains in use. May be used by any thread.
 */
public final class CertificateAuthority {

    private static final Logger LOG = Logger.getLogger(CertificateAuthority.class);

    /**
     * A snapshot of the bundle.
     *
     * @param generation increases each time the content changes. Objects created from the old trust manager must then
     *     be recreated
     * @param trustManager trusts only certificates signed by the bundle's certificates
     */
    public record Trust(long generation, X509ExtendedTrustManager trustManager) {}

    /** Attributes that show whether the file has changed, and that a single system call returns. Links are followed. */
    private record Stamp(@Nullable Object fileKey, FileTime modified, long size) {}

    private final @Nullable Path file;
    private final String source;
    private final boolean verifying;
    private @Nullable Stamp stamp;
    private byte[] content = {};
    private @Nullable Trust trust;
    private @Nullable String fault;

    public CertificateAuthority(Path file) {
        this.file = file;
        this.source = file.toString();
        this.verifying = true;
    }

    /**
     * Creates a bundle that never changes.
     *
     * @param source where the bundle comes from, for messages
     * @throws CertificateAuthorityException if the bundle is not usable; the message gives the reason in one line
     */
    public CertificateAuthority(String source, byte[] pem) throws CertificateAuthorityException {
        this.file = null;
        this.source = source;
        this.verifying = true;
        this.content = pem.clone();
        this.trust = new Trust(1, trustManager(PemBundle.parse(source, pem)));
    }

    private CertificateAuthority(Trust unverified) {
        this.file = null;
        this.source = "";
        this.trust = unverified;
        this.verifying = false;
    }

    /** Returns an authority that trusts any certificate, as kubectl does with {@code insecure-skip-tls-verify}. */
    public static CertificateAuthority unverified() {
        for (TrustManager each : InsecureTrustManagerFactory.INSTANCE.getTrustManagers()) {
            if (each instanceof X509ExtendedTrustManager any) { // with this type, Java verifies no name either
                return new CertificateAuthority(new Trust(1, any));
            }
        }
        throw new IllegalStateException("Netty has no extended trust manager that trusts any certificate");
    }

    /** Whether certificates are verified; false if any certificate is trusted. */
    public boolean isVerifying() {
        return verifying;
    }

    /** Returns the source of the bundle for use in messages: a file or a description. */
    String source() {
        return source;
    }

    /**
     * Returns the bundle currently in the file or, if the file is currently unusable, the last good bundle.
     *
     * @throws CertificateAuthorityException if the file has never been usable; the message gives the reason in one line
     */
    public synchronized Trust trust() throws CertificateAuthorityException {
        Trust last = trust;
        if (file == null) {
            return Objects.requireNonNull(last);
        }
        Stamp found = stat(file);
        if (last != null && found != null && found.equals(stamp)) {
            return last;
        }
        try {
            return reread(file, found, last);
        } catch (CertificateAuthorityException e) {
            if (last == null) {
                throw e;
            }
            report(e.getMessage());
            return last;
        }
    }

    /**
     * Returns the bytes of the PEM file from which the result of {@link #trust()} was created.
     *
     * @throws CertificateAuthorityException as for {@link #trust()}
     */
    public synchronized byte[] pem() throws CertificateAuthorityException {
        trust();
        return content.clone();
    }

    /** @param found the file's stamp from before the read; kept only if the read succeeds */
    private Trust reread(Path file, @Nullable Stamp found, @Nullable Trust last) throws CertificateAuthorityException {
        stamp = null;
        byte[] bytes = PemBundle.read(file);
        stamp = found;
        if (last != null && Arrays.equals(bytes, content)) {
            report(null);
            return last;
        }
        List<X509Certificate> certificates = PemBundle.parse(PemBundle.source(file), bytes);
        Trust next = new Trust(last == null ? 1 : last.generation() + 1, trustManager(certificates));
        content = bytes;
        trust = next;
        fault = null;
        if (last != null) {
            LOG.infof("The CA file %s has changed; certificates in it: %d", file, certificates.size());
        }
        return next;
    }

    private void report(@Nullable String found) {
        if (found != null && !found.equals(fault)) {
            LOG.warnf("%s; the certificates it had before stay in use", found);
        } else if (found == null && fault != null) {
            LOG.infof("The CA file %s is usable again; its content has not changed", source);
        }
        fault = found;
    }

    private static @Nullable Stamp stat(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        } catch (IOException e) {
            return null; // the following read reports the reason
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
            for (TrustManager candidate : factory.getTrustManagers()) {
                if (candidate instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java runtime can't load the CA certificates", e);
        }
        throw new IllegalStateException("this Java runtime has no X.509 trust manager");
    }
}
