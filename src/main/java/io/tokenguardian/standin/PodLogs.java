package io.tokenguardian.standin;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The logs of pods. Tests write them line by line. Thread-safe. */
public final class PodLogs {

    private static final class Log {
        final List<byte[]> lines = new ArrayList<>();
        final List<Response.Outflow> followers = new ArrayList<>();
        boolean ended;
    }

    private final Map<String, Log> logs = new LinkedHashMap<>();

    PodLogs() {}

    /** Adds a line, and sends it to all followers. */
    public synchronized void addLine(String namespace, String pod, String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        Log log = of(namespace, pod);
        log.lines.add(bytes);
        log.followers.forEach(follower -> follower.write(bytes));
    }

    /** Ends the log and the responses to its followers. */
    public synchronized void end(String namespace, String pod) {
        Log log = of(namespace, pod);
        log.ended = true;
        log.followers.forEach(Response.Outflow::end);
        log.followers.clear();
    }

    /** The current number of followers. */
    public synchronized int followers(String namespace, String pod) {
        return of(namespace, pod).followers.size();
    }

    synchronized Response answer(String namespace, String pod, boolean follow) {
        return Response.stream("text/plain", outflow -> start(namespace, pod, follow, outflow));
    }

    private synchronized Runnable start(String namespace, String pod, boolean follow, Response.Outflow outflow) {
        Log log = of(namespace, pod);
        log.lines.forEach(outflow::write);
        if (!follow || log.ended) {
            outflow.end();
            return () -> {};
        }
        log.followers.add(outflow);
        return () -> {
            synchronized (this) {
                log.followers.remove(outflow);
            }
        };
    }

    private Log of(String namespace, String pod) {
        return logs.computeIfAbsent(namespace + "/" + pod, absent -> new Log());
    }
}
