package io.tokenguardian.token;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A wait that ends early when the mount directory changes. It hears of kubelet's swap as the creation of
 * {@code ..data} (docs/api-server.md, kubelet's token volume); which events there were does not matter, lost ones
 * (overflow) included. Where the system does not let it watch, it is a plain wait. Not thread-safe.
 */
final class MountWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(MountWatch.class);

    private final Path directory;
    private final Source source;
    private @Nullable WatchService service;
    private @Nullable WatchKey key;
    private boolean warned;

    MountWatch(Path directory, Source source) {
        this.directory = directory;
        this.source = source;
    }

    /** Where watch services come from. */
    interface Source {
        WatchService open() throws IOException;
    }

    /**
     * Watches the directory that is there now. To be called before every look at the file: the directory may have
     * been made, or replaced, since. On one that is watched already it changes nothing.
     */
    void register() {
        try {
            if (service == null) {
                service = source.open();
            }
            WatchKey current = directory.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
            if (key != null && !key.equals(current)) {
                key.cancel();
            }
            key = current;
        } catch (NoSuchFileException | NotDirectoryException e) {
            // Not mounted yet, which the reading of the file says already.
        } catch (ClosedWatchServiceException e) {
            service = null;
            warn("the watch service is closed");
        } catch (IOException e) {
            warn(e.getMessage());
        }
    }

    /** Waits for a change since the last wait, at most that long; true if there was one. */
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
            LOG.warnf("Cannot watch %s (%s): changes of the token are found by polling alone", directory, reason);
        }
    }

    @Override
    public void close() {
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                LOG.debugf("Closing the watch of %s: %s", directory, e.getMessage());
            }
        }
    }
}
