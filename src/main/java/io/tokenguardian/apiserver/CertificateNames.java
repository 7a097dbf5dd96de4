package io.tokenguardian.apiserver;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names in a replica's certificate that may belong to the replica itself (docs/api-server.md, TLS and addresses),
 * in lower case. Left out are loopback, the service's names, the name being verified, and the host of the connection:
 * the service's, or a replica's, which already identifies it. A name is at most {@link #MAX_LENGTH} letters, digits and
 * {@code .-:}.
 */
final class CertificateNames {
    /** The maximum length of a Linux host name. */
    static final int MAX_LENGTH = 64;

    private static final Integer DNS_NAME = 2; // RFC 5280, section 4.2.1.6
    private static final Integer IP_ADDRESS = 7;

    private static final String SERVICE = "kubernetes.default";

    private CertificateNames() {}

    /** @param address the address of the server that presented the certificate */
    static List<String> of(X509Certificate certificate, ApiServerAddress address) {
        Set<String> known = Set.of("kubernetes", SERVICE, "localhost");
        Predicate<String> leftOut = name -> known.contains(name)
                || name.startsWith(SERVICE + ".")
                || name.equals(normal(address.host()))
                || name.equals(normal(address.serverName()));
        return all(certificate)
                .map(CertificateNames::nameOrNull)
                .filter(Objects::nonNull)
                .filter(leftOut.negate())
                .distinct()
                .sorted()
                .toList();
    }

    /** The DNS names and IP addresses, unchanged; none if that part of the certificate is malformed. */
    static Stream<String> all(X509Certificate certificate) {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            names = null;
        }
        return names == null
                ? Stream.empty()
                : names.stream()
                        .filter(name -> DNS_NAME.equals(name.get(0)) || IP_ADDRESS.equals(name.get(0)))
                        .map(name -> String.valueOf(name.get(1)));
    }

    private static @Nullable String nameOrNull(String text) {
        if (text.length() > MAX_LENGTH) {
            return null;
        }
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
        boolean isOwn = address == null
                ? ApiServerAddress.isDnsName(text)
                : !address.isLoopbackAddress() && !address.isAnyLocalAddress();
        return isOwn ? normal(text) : null;
    }

    /** Returns the normal form of a name: lower case for a DNS name, the canonical short form for an IP address. */
    private static String normal(String name) {
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(name);
        return address == null ? name.toLowerCase(Locale.ROOT) : NetUtil.toAddressString(address);
    }
}
