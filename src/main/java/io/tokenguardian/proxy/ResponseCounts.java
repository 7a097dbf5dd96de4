package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts responses by method and status class. All counters are created up front, so counting takes only one addition.
 * Unknown methods count as {@code other}, so the number of counters is bounded.
 */
final class ResponseCounts {

    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other");
    private static final int OTHER = METHODS.size() - 1;
    private static final int CLASSES = 5;

    private final LongAdder[] cells = new LongAdder[METHODS.size() * CLASSES];

    ResponseCounts() {
        Arrays.setAll(cells, cell -> new LongAdder());
    }

    void count(HttpMethod method, int status) {
        int statusClass = Math.min(Math.max(status / 100, 1), CLASSES) - 1;
        cells[index(method) * CLASSES + statusClass].increment();
    }

    private static int index(HttpMethod method) {
        return switch (method.name()) {
            case "GET" -> 0;
            case "HEAD" -> 1;
            case "POST" -> 2;
            case "PUT" -> 3;
            case "PATCH" -> 4;
            case "DELETE" -> 5;
            case "OPTIONS" -> 6;
            default -> OTHER;
        };
    }

    List<ProxyCounters.ResponseCount> snapshot() {
        List<ProxyCounters.ResponseCount> counts = new ArrayList<>();
        for (int i = 0; i < cells.length; i++) {
            long count = cells[i].sum();
            if (count > 0) {
                counts.add(new ProxyCounters.ResponseCount(METHODS.get(i / CLASSES), (i % CLASSES + 1) + "xx", count));
            }
        }
        return counts;
    }
}
