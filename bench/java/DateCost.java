package io.tokenguardian.proxy;

import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.netty.util.ResourceLeakDetector;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.guardian.ProxyObserver;
import io.tokenguardian.guardian.ReportedDates;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.request.UpstreamRequest;
import io.tokenguardian.proxy.upstream.ResponseDates;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The cost of reading a replica's clock from the {@code Date} of a response, compared with a small GET. This program is
 * run by {@code bench/date}. It measures the CPU time of its thread for each part in turn, in one process.
 */
final class DateCost {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final String PATH = "/api/v1/namespaces/shop/configmaps/flags";
    private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: " + DATE
            + "\r\nContent-Length: 20\r\n\r\n{\"kind\":\"ConfigMap\"}";

    private static final int WARM_UP = 30_000;
    private static final int REQUESTS = 20_000;
    private static final int CALLS = 500_000;
    private static final int TURNS = 20_000;

    private final RunningProxy proxy;
    private final RawCaller caller;
    private final ReportedDates guardian = new ReportedDates();
    private final ResponseDates dates = UpstreamPools.connected().dates();
    private final UpstreamRequest request;
    private final HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    private long now;

    private DateCost(RunningProxy proxy, RawCaller caller) throws ReflectiveOperationException {
        this.proxy = proxy;
        this.caller = caller;
        request = UpstreamRequest.of(
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, PATH),
                AuthorizationPolicy.REPLACE,
                AsciiString.cached("kubernetes:443"));
        response.headers().set("Content-Type", "application/json").set("Date", DATE);
        Field certificate = ResponseDates.class.getDeclaredField("certificate"); // read once for each connection
        certificate.setAccessible(true);
        certificate.set(dates, new ServerCertificate("b", List.of()));
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.write(ANSWER);
                    }
                });
                RunningProxy proxy =
                        RunningProxy.before(server).using(Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z")));
                RawCaller caller = proxy.call()) {
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // as in the program
            new DateCost(proxy, caller).run(rounds);
        }
    }

    private void run(int rounds) throws IOException {
        ProxyObserver quiet = observer((address, certificate, roundTrip, date) -> {});
        ProxyObserver heard = observer(guardian.loop()::onDate);
        get(WARM_UP);
        List<double[]> measured = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double[] nanos = {get(REQUESTS), pass(heard), report(quiet), report(heard), turn()};
            if (round > 0) { // the first round is a warm-up
                measured.add(nanos);
            }
        }
        double get = median(measured, 0);
        print("a small GET, in the proxy's event loop", get, get);
        print("a response less than a second after the last sample", median(measured, 1), get);
        print("a sample: reading and reporting a response's `Date`", median(measured, 2), get);
        print(
                "a sample: reading and reporting a response's `Date`, and handing it to the guardian",
                median(measured, 3),
                get);
        print("a turn of the guardian's loop with one sample (at most two turns a second)", median(measured, 4), get);
    }

    /** Receives the clock readings that the proxy reports. */
    private interface Dates {
        void onDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date);
    }

    private static ProxyObserver observer(Dates taking) {
        return new RecordingObserver() {
            @Override
            public void onDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date) {
                taking.onDate(address, certificate, roundTrip, date);
            }
        };
    }

    /**
     * Returns the CPU time of the event loop per request, for several requests sent one after another over one
     * connection.
     */
    private double get(int count) throws IOException {
        long before = eventLoops();
        for (int i = 0; i < count; i++) {
            caller.get(PATH, "").readAnswer();
        }
        return (eventLoops() - before) / (double) count;
    }

    private static long eventLoops() {
        return Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("proxy-"))
                .mapToLong(thread -> THREADS.getThreadCpuTime(thread.getThreadId()))
                .sum();
    }

    /** Does the proxy's work for a response with which a replica has accepted the token. */
    private void respond(long sentAt, ProxyObserver observer) {
        if (dates.isDue(sentAt) && request.isForReplicaItself()) {
            dates.report(response, sentAt, proxy.proxy().context().requests().address(), observer, this::nanoTime);
        }
    }

    /** Returns the time of the response: a round trip takes up to a millisecond. */
    private long nanoTime() {
        return now + (System.nanoTime() & 0xFFFFF);
    }

    /** Returns the CPU time per response, for responses that need not be reported yet. */
    private double pass(ProxyObserver observer) {
        respond(now += SECOND, observer);
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < CALLS; i++) {
            respond(now, observer);
        }
        return (THREADS.getCurrentThreadCpuTime() - before) / (double) CALLS;
    }

    /**
     * Returns the CPU time per response, for responses a second apart, each of which has to be reported. In between,
     * the guardian processes the reports, which is not counted.
     */
    private double report(ProxyObserver observer) {
        long spent = 0;
        for (int i = 0; i < CALLS / 50; i++) {
            long before = THREADS.getCurrentThreadCpuTime();
            for (int j = 0; j < 50; j++) {
                respond(now += SECOND, observer);
            }
            spent += THREADS.getCurrentThreadCpuTime() - before;
            guardian.turn();
        }
        return spent / (double) CALLS;
    }

    private double turn() {
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < TURNS; i++) {
            guardian.report();
            guardian.turn();
        }
        return (THREADS.getCurrentThreadCpuTime() - before) / (double) TURNS;
    }

    private static double median(List<double[]> rounds, int part) {
        double[] sorted =
                rounds.stream().mapToDouble(round -> round[part]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static void print(String what, double nanos, double get) {
        System.out.printf(Locale.ROOT, "| %s | %,.0f | %.2f %% |%n", what, nanos, 100 * nanos / get);
    }
}
