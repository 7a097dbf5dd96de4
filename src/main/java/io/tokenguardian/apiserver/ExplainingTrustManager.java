package io.tokenguardian.apiserver;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts what the bundle's trust manager trusts; otherwise throws a {@link RefusedCertificateException}. */
final class ExplainingTrustManager extends X509ExtendedTrustManager {

    private static final int MAX_NAMES = 10;

    /** The maximum number of chains to remember. No control plane has more replicas than this. */
    private static final int MAX_TRUSTED = 16;

    /** @param authType the key exchange for which the chain was trusted */
    private record Trusted(List<X509Certificate> chain, String authType) {}

    private final X509ExtendedTrustManager bundle;
    private final String source;
    private final ApiServerAddress address;
    private final InstantSource clock;

    /** The most recently trusted chains. Further connections to the same replicas need not verify them again. */
    private final Set<Trusted> trusted = ConcurrentHashMap.newKeySet();

    /** @param clock the clock of the bundle's trust manager */
    ExplainingTrustManager(
            X509ExtendedTrustManager bundle, String source, ApiServerAddress address, InstantSource clock) {
        this.bundle = bundle;
        this.source = source;
        this.address = address;
        this.clock = clock;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        Trusted shown = new Trusted(List.of(chain), authType);
        if (isTrusted(shown)) {
            return;
        }
        try {
            bundle.checkServerTrusted(chain, authType, engine);
            remember(shown);
        } catch (CertificateException e) {
            throw new RefusedCertificateException(explain(chain, authType), e);
        }
    }

    /** The bundle, the name and the certificates are the same as before, but a certificate may have expired since. */
    private boolean isTrusted(Trusted shown) {
        Instant now = clock.instant();
        return trusted.contains(shown) && shown.chain().stream().allMatch(certificate -> isInItsTime(certificate, now));
    }

    private static boolean isInItsTime(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    private void remember(Trusted shown) {
        if (trusted.size() >= MAX_TRUSTED) {
            trusted.clear();
        }
        trusted.add(shown);
    }

    private String explain(X509Certificate[] chain, String authType) {
        Instant now = clock.instant();
        for (X509Certificate certificate : chain) {
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                return outside("expired at", certificate.getNotAfter(), now);
            }
            if (!isInItsTime(certificate, now)) {
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
