package io.tokenguardian.standin;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The faults that one replica must produce, and how many more times to produce each. Thread-safe. */
final class FaultPlan {

    private static final class Entry {
        final Fault fault;
        final Predicate<ReceivedHead> applies;
        int left;

        Entry(Fault fault, int left, Predicate<ReceivedHead> applies) {
            this.fault = fault;
            this.left = left;
            this.applies = applies;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private volatile boolean empty = true;

    synchronized void add(Fault fault, int times, Predicate<ReceivedHead> applies) {
        entries.add(new Entry(fault, times, applies));
        empty = false;
    }

    synchronized void clear() {
        entries.clear();
        empty = true;
    }

    /** Returns the fault for a connection that is being accepted; null for none. */
    Fault.@Nullable OnConnection takeForConnection() {
        if (empty) {
            return null;
        }
        synchronized (this) {
            for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
                Entry entry = each.next();
                if (entry.fault instanceof Fault.OnConnection fault) {
                    use(entry, each);
                    return fault;
                }
            }
            return null;
        }
    }

    /** Returns the request's faults, at most one of each kind, in the order in which they were added. */
    List<Fault.OnRequest> takeForRequest(ReceivedHead head) {
        if (empty) {
            return List.of();
        }
        synchronized (this) {
            List<Fault.OnRequest> taken = new ArrayList<>();
            for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
                Entry entry = each.next();
                if (entry.fault instanceof Fault.OnRequest fault
                        && taken.stream().noneMatch(other -> other.getClass() == fault.getClass())
                        && entry.applies.test(head)) {
                    taken.add(fault);
                    use(entry, each);
                }
            }
            return taken;
        }
    }

    private void use(Entry entry, Iterator<Entry> each) {
        if (entry.left != Integer.MAX_VALUE && --entry.left == 0) {
            each.remove();
            empty = entries.isEmpty();
        }
    }
}
