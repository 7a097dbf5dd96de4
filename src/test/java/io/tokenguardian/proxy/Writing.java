package io.tokenguardian.proxy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** How bytes are written. This determines how many bytes Netty reads at a time. */
enum Writing {
    AT_ONCE,
    BYTE_BY_BYTE;

    interface Output {
        void write(byte[] bytes) throws IOException;
    }

    /** Returns each case in one piece, and also byte by byte if {@code inPieces} is true. */
    static <T> Stream<Arguments> of(Stream<T> cases, Predicate<T> inPieces) {
        return cases.flatMap(each -> Arrays.stream(values())
                .filter(writing -> writing == AT_ONCE || inPieces.test(each))
                .map(writing -> Arguments.of(each, writing)));
    }

    void write(String text, Output out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (this == AT_ONCE) {
            out.write(bytes);
        } else {
            for (byte each : bytes) {
                out.write(new byte[] {each});
            }
        }
    }
}
