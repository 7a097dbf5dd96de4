package io.tokenguardian.apiserver;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the certificates in a PEM file. Text around and between them is ignored, as in client-go. */
final class PemBundle {

    static final int MAX_BYTES = 1 << 20;

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)(-----END CERTIFICATE-----)?");

    private PemBundle() {}

    /** Returns the bytes of the file, at most {@link #MAX_BYTES}. */
    static byte[] read(String source, Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw fault(source, "is not a regular file"); // not opened, because opening a FIFO would wait for a writer
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw fault(source, "does not exist");
        } catch (AccessDeniedException e) {
            throw fault(source, "can't be read: permission denied");
        } catch (IOException e) {
            throw fault(source, "can't be read");
        }
        if (bytes.length > MAX_BYTES) {
            throw fault(source, "is larger than 1 MiB");
        }
        return bytes;
    }

    /** If a certificate can't be read or is cut off, the whole bundle is unusable. */
    static List<X509Certificate> parse(String source, byte[] bytes) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher matcher = CERTIFICATE.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            try {
                byte[] der = matcher.group(2) == null
                        ? new byte[0]
                        : Base64.getMimeDecoder().decode(matcher.group(1));
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (CertificateException | IllegalArgumentException e) {
                throw fault(source, "has an invalid certificate in it, number " + (certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw fault(source, "has no certificate in it");
        }
        return List.copyOf(certificates);
    }

    private static IOException fault(String source, String reason) {
        return new IOException(source + " " + reason);
    }
}
