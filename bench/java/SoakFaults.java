package io.tokenguardian.proxy;

import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.Fault.Moment;
import io.tokenguardian.standin.ReceivedHead;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.StandInApiServer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Decides, on the basis of the seed and the request's number, which request of a soak gets which fault. Records which
 * requests have reached the stand-in, and which got a fault. Half of the requests with a fault get it only the first
 * time they are sent.
 */
final class SoakFaults {

    /** What a caller can get. */
    enum Outcome {
        /** The whole response of the stand-in, without a fault. */
        RIGHT,
        TOO_MANY_REQUESTS,
        /** A {@code Status} from the proxy, with 502. */
        BROKE,
        /** A response that the caller can recognize as incomplete. */
        CUT,
        /** The caller left before the response. */
        ABANDONED,
        /** Any other result, which is always wrong. */
        WRONG
    }

    /**
     * A fault and its possible outcomes. {@link Outcome#RIGHT} is always possible, because the request may be sent a
     * second time.
     */
    record Planned(Fault fault, Set<Outcome> outcomes) {}

    private static final Set<Outcome> BEFORE = EnumSet.of(Outcome.BROKE);
    private static final Set<Outcome> AFTER = EnumSet.of(Outcome.BROKE, Outcome.CUT);

    private static final List<Planned> PLANNED = List.of(
            new Planned(Fault.reset(Moment.ON_REQUEST_HEAD), BEFORE),
            new Planned(Fault.reset(Moment.BEFORE_HEAD), BEFORE),
            new Planned(Fault.reset(Moment.IN_HEAD), BEFORE),
            new Planned(Fault.reset(Moment.AFTER_HEAD), AFTER),
            new Planned(Fault.reset(Moment.IN_BODY), AFTER),
            new Planned(Fault.close(Moment.IN_BODY), AFTER),
            new Planned(Fault.truncate(Moment.BEFORE_HEAD), BEFORE),
            new Planned(Fault.truncate(Moment.IN_HEAD), BEFORE),
            new Planned(Fault.truncate(Moment.IN_BODY), AFTER),
            new Planned(Fault.emptyAnswer(), BEFORE),
            new Planned(new Fault.WrongContentLength(10), AFTER),
            new Planned(Fault.tooManyRequests(1), EnumSet.of(Outcome.TOO_MANY_REQUESTS)),
            new Planned(new Fault.SlowDrip(1000, Duration.ofMillis(1)), Set.of()));

    private static final int ONE_IN = 20;
    private static final String NUMBER = "?n=";

    private final long seed;
    private final AtomicIntegerArray seen;
    private final AtomicIntegerArray met;
    private final LongAdder withoutNumber = new LongAdder();

    /** @param refusing the replica that refuses the token, so that a request to it was not executed; null for none */
    SoakFaults(StandInApiServer server, @Nullable Replica refusing, int requests, long seed) {
        this.seed = seed;
        this.seen = new AtomicIntegerArray(requests);
        this.met = new AtomicIntegerArray(requests);
        for (Replica replica : server.replicas()) {
            replica.fault(new Fault.Silence(), Integer.MAX_VALUE, this::count);
            if (replica != refusing) {
                replica.fault(new Fault.Silence(), Integer.MAX_VALUE, this::see);
            }
            PLANNED.forEach(each -> replica.fault(each.fault(), Integer.MAX_VALUE, head -> meets(each, head)));
        }
    }

    /** Returns {@code path} with the number of request {@code n}. */
    static String numbered(String path, int n) {
        return path + NUMBER + n;
    }

    private static int numberOf(ReceivedHead head) {
        int at = head.uri().indexOf(NUMBER);
        return at < 0
                ? -1
                : Integer.parseInt(head.uri(), at + NUMBER.length(), head.uri().length(), 10);
    }

    /** Counts a request without a number, and shows no fault. */
    private boolean count(ReceivedHead head) {
        if (numberOf(head) < 0) {
            withoutNumber.increment();
        }
        return false;
    }

    /** Records a request, and shows no fault. */
    private boolean see(ReceivedHead head) {
        int n = numberOf(head);
        if (n >= 0) {
            seen.incrementAndGet(n);
        }
        return false;
    }

    private boolean meets(Planned fault, ReceivedHead head) {
        int n = numberOf(head);
        if (n < 0 || !fault.equals(planFor(n))) {
            return false;
        }
        boolean once = (n & 1) == 0;
        return met.getAndIncrement(n) == 0 || !once;
    }

    private @Nullable Planned planFor(int n) {
        SplittableRandom random = new SplittableRandom(seed ^ (n * 0x9E3779B97F4A7C15L));
        return random.nextInt(ONE_IN) == 0 ? PLANNED.get(random.nextInt(PLANNED.size())) : null;
    }

    /** Returns how often request {@code n} has reached a replica that accepts the token. */
    int timesSeen(int n) {
        return seen.get(n);
    }

    /** Returns how many requests had no number: the proxy's probes, and those before the first numbered request. */
    long withoutNumber() {
        return withoutNumber.sum();
    }

    /** Whether the stand-in's fault for request {@code n} explains what its caller got. */
    boolean explains(int n, Outcome outcome) {
        if (outcome == Outcome.RIGHT || outcome == Outcome.ABANDONED) {
            return true;
        }
        Planned plan = planFor(n);
        return plan != null && met.get(n) > 0 && plan.outcomes().contains(outcome);
    }

    /** Describes request {@code n} for a report. */
    String describe(int n) {
        Planned plan = planFor(n);
        return "seen " + seen.get(n) + " times, "
                + (plan == null ? "no fault planned" : plan.fault() + " met " + met.get(n) + " times");
    }
}
