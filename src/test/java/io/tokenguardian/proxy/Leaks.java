package io.tokenguardian.proxy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Buffers that were not released and are unreachable, as found by Netty's detector at its strictest level. */
final class Leaks {

    private final List<String> found = new CopyOnWriteArrayList<>();

    private Leaks() {}

    static Leaks watch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        Leaks leaks = new Leaks();
        ByteBufUtil.setLeakListener((resource, records) -> leaks.found.add(resource + ": " + records));
        return leaks;
    }

    /** Collects unreachable buffers; the next allocation reports them. Each is reported once. */
    void assertNone() {
        System.gc();
        PooledByteBufAllocator.DEFAULT.buffer(16).release();
        List<String> reported = List.copyOf(found);
        found.removeAll(reported);
        if (!reported.isEmpty()) {
            throw new AssertionError(String.join("\n", reported));
        }
    }
}
