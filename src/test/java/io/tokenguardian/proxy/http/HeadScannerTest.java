package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadScannerTest {

    /** The lengths are near the size of the parts in which bytes are copied. */
    @ParameterizedTest
    @ValueSource(ints = {100, 511, 512, 513, 1023, 1024, 1025, 5000})
    void aBareLfIsRefusedAfterAnyNumberOfBytes(int before) {
        String start = "GET / HTTP/1.1\r\nX: ";
        ByteBuf bytes = head(start + "x".repeat(before - start.length()) + "\n\r\n\r\n");

        assertThatThrownBy(() -> new HeadScanner().scan(bytes)).hasMessage("LF without CR");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 508, 509, 510, 511, 512, 513, 514, 1024, 1025, 5000})
    void headersInTwoPartsAreCompleteWithTheirLastByte(int length) {
        String start = "GET / HTTP/1.1\r\nX: ";
        ByteBuf whole = head(start + "x".repeat(length - start.length() - 4) + "\r\n\r\n" + "GET");
        HeadScanner scanner = new HeadScanner();

        assertThat(scanner.scan(whole.slice(0, length - 1))).isFalse();
        assertThat(scanner.scan(whole)).isTrue();
        assertThat(scanner.length()).isEqualTo(length);
        assertThat(scanner.fields()).isEqualTo(1);
    }

    private static ByteBuf head(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }
}
