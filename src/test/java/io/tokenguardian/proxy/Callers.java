package io.tokenguardian.proxy;

import io.tokenguardian.standin.ReceivedHead;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Several callers at the same time. */
final class Callers implements AutoCloseable {
    private final ExecutorService threads;
    private final int concurrency;

    Callers(int concurrency) {
        this.concurrency = concurrency;
        threads = Executors.newFixedThreadPool(concurrency);
    }

    /** Makes {@code count} numbered calls, and returns their statuses. */
    List<Integer> run(int count, IntFunction<HttpRequest.Builder> requests) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        List<Callable<List<Integer>>> tasks = new ArrayList<>();
        for (int i = 0; i < concurrency; i++) {
            int first = i;
            tasks.add(() -> {
                List<Integer> statuses = new ArrayList<>();
                for (int n = first; n < count; n += concurrency) {
                    statuses.add(client.send(
                                    requests.apply(n)
                                            .header(ReceivedHead.MARKER, Integer.toString(n))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode());
                }
                return statuses;
            });
        }
        List<Integer> all = new ArrayList<>();
        for (Future<List<Integer>> each : threads.invokeAll(tasks)) {
            all.addAll(each.get());
        }
        return all;
    }

    static HttpRequest.Builder to(URI uri) {
        return HttpRequest.newBuilder(uri);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
