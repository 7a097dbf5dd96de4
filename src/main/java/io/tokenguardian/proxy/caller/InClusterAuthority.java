package io.tokenguardian.proxy.caller;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authority of the in-cluster listener. It is kept in a file and survives a restart, so that an app
 * needs to read the certificate only once. Certificate and key are in one file, which is replaced as a whole, so they
 * always match.
 */
final class InClusterAuthority {

    static final String FILE = "in-cluster-ca.pem";

    private static final Logger LOG = Logger.getLogger("io.tokenguardian");
    private static final int MAX_BYTES = 64 << 10;
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rw-------");

    private final X509Certificate certificate;
    private final PrivateKey key;

    private InClusterAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /**
     * Returns the authority kept in {@code directory}, or a new one if its file is missing or unusable.
     *
     * @throws IOException if a new authority can't be stored; the message is one line that names the setting, the
     *     directory and the cause
     */
    static InClusterAuthority open(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        String unusable = null;
        try {
            InClusterAuthority kept = parse(read(file));
            restrictToOwner(file);
            return kept;
        } catch (NoSuchFileException e) {
            // the first start
        } catch (IOException e) {
            unusable = "can't be read";
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            unusable = "is damaged"; // the cause is omitted, because it may quote the key
        }
        InClusterAuthority made = make();
        try {
            made.keep(directory);
        } catch (IOException e) {
            throw new IOException(
                    "guardian.in-cluster.directory: \"" + directory + "\" can't be written: " + reason(e)
                            + "; use a directory that only the guardian uses, such as an emptyDir",
                    e);
        }
        if (unusable != null) {
            LOG.warnf(
                    "%s %s, so the in-cluster listener has a new CA; an app that has read the previous CA needs"
                            + " a restart",
                    file, unusable);
        }
        return made;
    }

    static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    String pem() {
        try {
            return encodeSection(CERTIFICATE, certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate without an encoding", e);
        }
    }

    X509Certificate certify(PublicKey serverKey, List<String> hosts) throws GeneralSecurityException {
        return InClusterCertificates.server(hosts, serverKey, certificate, key);
    }

    private static InClusterAuthority make() {
        try {
            KeyPair keys = newKeys();
            return new InClusterAuthority(InClusterCertificates.authority(keys), keys.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no ECDSA with P-256", e);
        }
    }

    private static String read(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("not a regular file"); // not opened, because opening a FIFO waits for a writer
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), US_ASCII);
        }
    }

    private static InClusterAuthority parse(String pem) throws GeneralSecurityException {
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(decodeSection(CERTIFICATE, pem)));
        certificate.verify(certificate.getPublicKey());
        if (!InClusterCertificates.isAuthority(certificate)) {
            throw new GeneralSecurityException("not an authority that the guardian created");
        }
        InClusterAuthority authority = new InClusterAuthority(
                certificate,
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(decodeSection(PRIVATE_KEY, pem))));
        authority.certify(certificate.getPublicKey(), List.of()); // fails if the key belongs to another certificate
        return authority;
    }

    private static byte[] decodeSection(String label, String pem) throws GeneralSecurityException {
        String begin = "-----BEGIN " + label + "-----";
        int from = pem.indexOf(begin);
        int to = pem.indexOf("-----END " + label + "-----", Math.max(0, from));
        if (from < 0 || to < 0) {
            throw new GeneralSecurityException("no whole section " + label);
        }
        return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
    }

    private static String encodeSection(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + label + "-----\n";
    }

    private void keep(Path directory) throws IOException {
        makePrivate(directory);
        Path next = directory.resolve(FILE + ".tmp");
        Files.deleteIfExists(next); // left behind by a process that was killed while writing
        try (FileChannel opened =
                FileChannel.open(next, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(OWNER_ALONE))) {
            ByteBuffer left = US_ASCII.encode(pem() + encodeSection(PRIVATE_KEY, key.getEncoded()));
            while (left.hasRemaining()) {
                opened.write(left);
            }
            opened.force(true);
        }
        Files.move(next, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel opened = FileChannel.open(directory, READ)) {
            opened.force(true);
        }
    }

    /** Makes the directory private only if it is empty: its files may belong to another program. */
    private static void makePrivate(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> entries = Files.list(directory)) {
            if (entries.findAny().isPresent()) {
                return;
            }
        }
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (FileSystemException e) {
            // The directory belongs to another user, such as root for an emptyDir. The file itself is private anyway.
        }
    }

    /** Wider permissions are possible if the file was restored, created by hand, or opened up by {@code fsGroup}. */
    private static void restrictToOwner(Path file) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (OWNER_ALONE.containsAll(mode)) {
            return;
        }
        try {
            Files.setPosixFilePermissions(file, OWNER_ALONE);
        } catch (IOException e) {
            LOG.warnf(
                    "%s has mode %s, and can't be given %s: anyone who can read it can impersonate the"
                            + " in-cluster listener",
                    file, PosixFilePermissions.toString(mode), PosixFilePermissions.toString(OWNER_ALONE));
        }
    }

    private static @Nullable String reason(IOException failure) {
        if (!(failure instanceof FileSystemException file)) {
            return failure.getMessage();
        }
        if (failure instanceof AccessDeniedException) {
            return file.getFile() + " is not writable for this container's user";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return file.getFile() + " already exists, and is not a directory";
        }
        return file.getFile() + ": "
                + (file.getReason() == null ? failure.getClass().getSimpleName() : file.getReason());
    }
}
