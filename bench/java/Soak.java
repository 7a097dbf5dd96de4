package io.tokenguardian.proxy;

import io.netty.buffer.PooledByteBufAllocator;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.listener.FileLimit;
import io.tokenguardian.proxy.SoakFaults.Outcome;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Many requests through a proxy whose API server breaks at random. This program is run by {@code bench/soak}. After
 * every 100,000 requests it prints the memory and the connections. It fails if memory grows after the first of these
 * lines, if the counts do not add up, or if a caller got a wrong response that the stand-in has not caused.
 */
final class Soak {

    private static final int CONCURRENCY = 64;
    private static final int BATCH = 100_000;
    private static final double MAY_GROW_BY = 1.10;
    private static final int SHOWN = 20;

    /** Sizes in bytes, measured while no request is under way. */
    private record Memory(long heap, long pooled, long pinned, long direct) {
        static Memory now() {
            System.gc();
            System.gc();
            long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
            return new Memory(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory(),
                    PooledByteBufAllocator.DEFAULT.pinnedDirectMemory(),
                    direct);
        }
    }

    private final StandInApiServer server;
    private final LocalProxy proxy;
    private final int port;
    private final SoakFaults faults;
    private final Map<SoakCaller.Call, byte[]> right = new EnumMap<>(SoakCaller.Call.class);
    private final List<String> wrong = new ArrayList<>();
    private final Map<Outcome, LongAdder> outcomes = new ConcurrentSkipListMap<>();

    private Soak(StandInApiServer server, LocalProxy proxy, int port, SoakFaults faults) {
        this.server = server;
        this.proxy = proxy;
        this.port = port;
        this.faults = faults;
    }

    /**
     * Takes the number of requests, a seed, and how many hours the clock of one of the three replicas is behind. Unless
     * this is 0, that replica refuses the token the whole time.
     */
    public static void main(String[] arguments) throws Exception {
        int requests = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        Duration behind = Duration.ofHours(arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0);
        System.out.printf(
                "%,d requests, %d at a time, seed %d, one replica %s behind%n", requests, CONCURRENCY, seed, behind);
        List<String> wrong = run(requests, seed, behind);
        wrong.stream().limit(SHOWN).forEach(System.out::println);
        System.out.println(wrong.isEmpty() ? "all is well" : wrong.size() + " things are wrong");
        System.exit(wrong.isEmpty() ? 0 : 1);
    }

    private static List<String> run(int requests, long seed, Duration behind) throws Exception {
        Path ca = Files.createTempFile("soak", ".crt");
        LocalProxy proxy = null;
        try (StandInApiServer server = StandInApiServer.builder()
                .replicas(3)
                .selection(ReplicaSelection.random(seed))
                .records(false)
                .start()) {
            server.fillBigList(20_000);
            Replica slow = server.replica(2);
            slow.clock().offset(behind.negated());
            Files.writeString(ca, server.caPem());
            TokenSource tokenSource = new TokenSource();
            Token token = TestTokens.parse(server.issue());
            if (behind.isZero()) {
                TokenSourceKeys.use(tokenSource, token);
            } else {
                TokenSourceKeys.usePartly(tokenSource, token);
            }
            proxy = new LocalProxy(
                    new SettingsDraft().settings(),
                    tokenSource,
                    new WaitAdvisor(
                            Duration.ofSeconds(10),
                            InstantSource.system(),
                            (status, now) -> Explanation.of(status, now).sentence()),
                    answer -> {},
                    new ApiServerAddress("127.0.0.1", server.port(), "127.0.0.1"),
                    new CertificateAuthority(ca),
                    ProxyCapacity.within(FileLimit.read()),
                    2,
                    InstantSource.system(),
                    System::nanoTime,
                    Math::random);
            int port = ((InetSocketAddress) proxy.start().get(0).address()).getPort();
            Soak soak = new Soak(
                    server, proxy, port, new SoakFaults(server, behind.isZero() ? null : slow, requests, seed));
            soak.soak(requests, seed);
            return soak.wrong;
        } finally {
            if (proxy != null) {
                proxy.close();
            }
            Files.delete(ca);
        }
    }

    private void soak(int requests, long seed) throws Exception {
        for (SoakCaller.Call call : SoakCaller.Call.values()) {
            right.put(call, SoakCaller.rightAnswer(port, call));
        }
        System.out.println("  requests     /s   heap  direct  pooled  pinned MB  upstream");
        ExecutorService threads = Executors.newFixedThreadPool(CONCURRENCY);
        List<SoakCaller> callers = new ArrayList<>();
        for (int i = 0; i < CONCURRENCY; i++) {
            callers.add(new SoakCaller(port, right, seed + i));
        }
        Memory first = null;
        Memory last = null;
        for (int from = 0; from < requests; from += BATCH) {
            long start = System.nanoTime();
            int to = Math.min(requests, from + BATCH);
            batch(threads, callers, from, to);
            double seconds = (System.nanoTime() - start) / 1e9;
            last = Memory.now();
            first = first == null ? last : first;
            print(to, (to - from) / seconds, last);
        }
        threads.shutdown();
        for (SoakCaller caller : callers) {
            caller.close();
        }
        if (first != null && last != null) {
            checkMemory(first, last);
        }
        checkCounts(requests);
        checkEnd();
    }

    private void batch(ExecutorService threads, List<SoakCaller> callers, int from, int to) throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        List<Future<?>> running = new ArrayList<>();
        for (SoakCaller caller : callers) {
            running.add(threads.submit(() -> {
                for (int n = next.getAndIncrement(); n < to; n = next.getAndIncrement()) {
                    call(caller, n);
                }
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    private void call(SoakCaller caller, int n) {
        Outcome outcome;
        String how = "";
        try {
            outcome = caller.call(n);
        } catch (IOException e) {
            outcome = e instanceof SocketTimeoutException ? Outcome.WRONG : Outcome.CUT;
            how = " (" + e + ")";
            try {
                caller.close();
            } catch (IOException again) {
                how += " (" + again + ")";
            }
        }
        counted(outcome).increment();
        if (!faults.explains(n, outcome)) {
            complain("request " + n + ", " + SoakCaller.Call.of(n) + ": " + outcome + how + "; " + faults.describe(n));
        }
        if (!SoakCaller.Call.of(n).isSafe() && faults.timesSeen(n) > 1) {
            complain("request " + n + ", " + SoakCaller.Call.of(n) + ", was sent twice; " + faults.describe(n));
        }
    }

    private LongAdder counted(Outcome outcome) {
        return outcomes.computeIfAbsent(outcome, absent -> new LongAdder());
    }

    private synchronized void complain(String what) {
        wrong.add(what);
    }

    private int upstreams() {
        return server.replicas().stream().mapToInt(Replica::openConnections).sum();
    }

    private void print(int requests, double rate, Memory memory) {
        System.out.printf(
                Locale.ROOT,
                "%,10d %6.0f %6.1f %7.1f %7.1f %7.1f %12d   %s%n",
                requests,
                rate,
                memory.heap() / 1e6,
                memory.direct() / 1e6,
                memory.pooled() / 1e6,
                memory.pinned() / 1e6,
                upstreams(),
                outcomes);
    }

    private void checkMemory(Memory first, Memory last) {
        checkGrowth("heap", first.heap(), last.heap());
        checkGrowth("direct buffers", first.direct(), last.direct());
        checkGrowth("pooled buffers", first.pooled(), last.pooled());
    }

    private void checkGrowth(String what, long first, long last) {
        if (last > first * MAY_GROW_BY) {
            complain(String.format(Locale.ROOT, "%s grew from %,d to %,d bytes", what, first, last));
        }
    }

    private void checkCounts(int requests) {
        long answered = outcomes.values().stream().mapToLong(LongAdder::sum).sum();
        ProxyCounters.Snapshot counters = proxy.counters().snapshot();
        long asked = counters.requests() - SoakCaller.Call.values().length;
        long seen = server.replicas().stream().mapToLong(Replica::requestCount).sum() - faults.withoutNumber();
        System.out.printf(
                "asked %,d, answered or abandoned %,d, counted by the proxy %,d with %,d retries, seen by the"
                        + " stand-in %,d%n",
                requests, answered, asked, counters.retries(), seen);
        if (answered != requests || asked != requests) {
            complain("requests and answers do not add up");
        }
        long unsent = counted(Outcome.ABANDONED).sum();
        if (seen > requests + counters.retries() || seen < requests - unsent) {
            complain("what the stand-in has seen does not add up");
        }
        if (counters.heldNow() != 0) {
            complain(counters.heldNow() + " requests are still counted as holding");
        }
    }

    private void checkEnd() throws InterruptedException {
        if (upstreams() > CONCURRENCY) {
            complain(upstreams() + " upstream connections are open for " + CONCURRENCY + " callers");
        }
        proxy.drain(Duration.ofSeconds(5));
        for (int i = 0; i < 100 && upstreams() > 0; i++) {
            Thread.sleep(50);
        }
        if (upstreams() > 0) {
            complain(upstreams() + " upstream connections are open after the end");
        }
        Memory end = Memory.now();
        System.out.printf(Locale.ROOT, "at the end: %,d bytes pinned in buffers%n", end.pinned());
    }
}
