package io.tokenguardian.proxy.caller;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The key and the certificate of the in-cluster listener. They are kept in a file and survive a restart, so that an app
 * needs to read the certificate only once. The file is replaced as a whole, so key and certificate always match.
 */
final class InClusterKeyStore {

    static final String FILE = "in-cluster.jks";

    /** Unlike PKCS #12, does not derive keys from the password with thousands of hashes. */
    private static final String TYPE = "JKS";

    /** Not secret, because the file's mode protects the key. With a password, Java notices a damaged file. */
    private static final char[] PASSWORD = "token-guardian".toCharArray();

    private static final String ALIAS = "in-cluster";
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");
    private static final int MAX_BYTES = 64 << 10;
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rw-------");

    private final KeyStore store;

    private InClusterKeyStore(KeyStore store) {
        this.store = store;
    }

    /**
     * Returns the key and certificate kept in {@code directory}, or new ones if their file is missing or unusable.
     *
     * @param hosts DNS names and IP addresses
     * @throws IOException if the new file can't be stored; the message is one line that names the setting, the
     *     directory and the cause
     */
    static InClusterKeyStore open(Path directory, List<String> hosts) throws IOException, GeneralSecurityException {
        Path file = directory.resolve(FILE);
        String unusable = null;
        try {
            InClusterKeyStore kept = parse(read(file));
            if (kept != null && InClusterCertificate.isFor(hosts, kept.certificate())) {
                restrictToOwner(file);
                return kept;
            }
            unusable = kept == null ? "is damaged" : "is for other addresses";
        } catch (NoSuchFileException e) {
            // the first start
        } catch (IOException e) {
            unusable = "can't be read";
        }
        InClusterKeyStore made = make(hosts);
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
                    "%s %s, so the in-cluster listener has a new certificate; an app that has read the previous"
                            + " certificate needs a restart",
                    file, unusable);
        }
        return made;
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("not a regular file"); // not opened, because opening a FIFO waits for a writer
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES);
        }
    }

    /** Returns null if the file is damaged. The cause is omitted, because it may quote the key. */
    private static @Nullable InClusterKeyStore parse(byte[] content) {
        try {
            KeyStore store = KeyStore.getInstance(TYPE);
            store.load(new ByteArrayInputStream(content), PASSWORD);
            return store.isKeyEntry(ALIAS) ? new InClusterKeyStore(store) : null;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return null;
        }
    }

    private static InClusterKeyStore make(List<String> hosts) throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        Certificate[] chain = {InClusterCertificate.of(hosts, keys)};
        KeyStore store = KeyStore.getInstance(TYPE);
        store.load(null, null);
        store.setKeyEntry(ALIAS, keys.getPrivate(), PASSWORD, chain);
        return new InClusterKeyStore(store);
    }

    X509Certificate certificate() throws GeneralSecurityException {
        return (X509Certificate) store.getCertificate(ALIAS);
    }

    String pem() throws GeneralSecurityException {
        Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
        return "-----BEGIN CERTIFICATE-----\n"
                + lines.encodeToString(certificate().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    KeyManager[] keyManagers() throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, PASSWORD);
        return factory.getKeyManagers();
    }

    /** Not synchronized with the disk: after a crash of the node, apps read the new certificate when they restart. */
    private void keep(Path directory) throws IOException, GeneralSecurityException {
        makePrivate(directory);
        Path next = directory.resolve(FILE + ".tmp");
        Files.deleteIfExists(next); // left behind by a process that was killed while writing
        Files.createFile(next, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
        try (OutputStream out = Files.newOutputStream(next)) {
            store.store(out, PASSWORD);
        }
        Files.move(next, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
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
