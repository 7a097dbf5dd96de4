package io.tokenguardian.apiserver;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts what the bundle's trust manager trusts; otherwise throws a {@link RefusedCertificateException}. */
final class ExplainingTrustManager extends X509ExtendedTrustManager {

    private static final int MAX_NAMES = 10;

    private final X509ExtendedTrustManager bundle;
    private final String source;
    private final ApiServerAddress address;

    ExplainingTrustManager(X509ExtendedTrustManager bundle, String source, ApiServerAddress address) {
        this.bundle = bundle;
        this.source = source;
        this.address = address;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            bundle.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw new RefusedCertificateException(explain(chain, authType), e);
        }
    }

    private String explain(X509Certificate[] chain, String authType) {
        Instant now = Instant.now();
        for (X509Certificate certificate : chain) {
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                return outside("expired at", certificate.getNotAfter(), now);
            }
            if (now.isBefore(certificate.getNotBefore().toInstant())) {
                return outside("is valid only from", certificate.getNotBefore(), now);
            }
        }
        try {
            bundle.checkServerTrusted(chain, authType); // checks everything except the name
        } catch (CertificateException e) {
            // The JDK's search for the authority fails with a cause, its check of the purpose without.
            return e.getCause() == null
                    ? "the certificate of %s is not usable for a server".formatted(address)
                    : "the certificate of %s is signed by an authority that is not in %s".formatted(address, source);
        }
        return "the certificate of %s is for %s, not for %s".formatted(address, names(chain[0]), address.serverName());
    }

    private String outside(String what, Date limit, Instant now) {
        return "the certificate of %s %s %s, but this node's clock shows %s: one of the two is wrong"
                .formatted(address, what, limit.toInstant(), now.truncatedTo(ChronoUnit.SECONDS));
    }

    /** Without the common name, which verification no longer uses (RFC 9525). */
    private static String names(X509Certificate certificate) {
        String listed = CertificateNames.all(certificate).limit(MAX_NAMES).collect(Collectors.joining(", "));
        return listed.isEmpty() ? "no name at all" : listed;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        bundle.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        bundle.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("clients are not verified here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return bundle.getAcceptedIssuers();
    }
}
