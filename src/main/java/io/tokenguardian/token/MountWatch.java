package io.tokenguardian.token;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Waits until the mount directory changes: kubelet creates {@code ..data} (docs/api-server.md, kubelet's token volume).
 * Any event counts, even an overflow. If the directory can't be watched, each wait lasts its whole timeout. Not
 * thread-safe.
 */
final class MountWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(MountWatch.class);

    private final Path directory;
    private final Source source;
    private @Nullable WatchService service;
    private @Nullable WatchKey key;
    /** The device and inode of the directory to which {@link #key} belongs. */
    private @Nullable Object watched;

    private boolean warned;

    MountWatch(Path directory, Source source) {
        this.directory = directory;
        this.source = source;
    }

    interface Source {
        WatchService open() throws IOException;
    }

    /** Call this before each read of the file: the directory may have been created or replaced since the last call. */
    void register() {
        try {
            if (service == null) {
                service = source.open();
            }
            Object inode =
                    Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
            if (key != null && key.isValid() && inode != null && inode.equals(watched)) {
                return; // registering would wake the watch service's thread
            }
            WatchKey current = directory.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
            if (key != null && !key.equals(current)) {
                key.cancel();
            }
            key = current;
            watched = inode;
        } catch (NoSuchFileException | NotDirectoryException e) {
            // The volume is not mounted yet. Reading the token file will report that.
        } catch (ClosedWatchServiceException e) {
            service = null;
            warn("the watch service is closed");
        } catch (IOException e) {
            warn(e.getMessage());
        }
    }

    /** Waits no longer than {@code atMost}. Returns whether the directory has changed since the last wait. */
    boolean await(Duration atMost) throws InterruptedException {
        if (service == null) {
            NANOSECONDS.sleep(atMost.toNanos());
            return false;
        }
        try {
            WatchKey signalled = service.poll(atMost.toNanos(), NANOSECONDS);
            if (signalled == null) {
                return false;
            }
            signalled.pollEvents();
            signalled.reset();
            return true;
        } catch (ClosedWatchServiceException e) {
            service = null;
            warn("the watch service is closed");
            return await(atMost);
        }
    }

    private void warn(@Nullable String reason) {
        if (!warned) {
            warned = true;
            LOG.warnf("Cannot watch %s (%s): changes to the token are found only by polling", directory, reason);
        }
    }

    @Override
    public void close() {
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                LOG.debugf("Closing the watch of %s failed: %s", directory, e.getMessage());
            }
        }
    }
}
