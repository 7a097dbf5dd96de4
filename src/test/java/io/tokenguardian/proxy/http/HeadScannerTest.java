package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadScannerTest {

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\rX\r\n", "\rX"})
    void aLineWithAnotherEndIsRefused(String end) {
        ByteBuf bytes = head("GET / HTTP/1.1\r\nX: x" + end);

        assertThatThrownBy(() -> new HeadScanner().scan(bytes))
                .hasMessage("a line must end with CR LF, and contain no other CR");
    }

    @Test
    void headersInTwoPartsAreCompleteWithTheirLastByte() {
        ByteBuf whole = head("\r\nGET / HTTP/1.1\r\nX: x\r\n\r\nGET");
        int length = whole.readableBytes() - 3;
        for (int part = 1; part < length; part++) {
            HeadScanner scanner = new HeadScanner();

            assertThat(scanner.scan(whole.slice(0, part))).isFalse();
            assertThat(scanner.scan(whole)).isTrue();
            assertThat(scanner.cost()).isEqualTo(length + HeadScanner.FIELD);
        }
    }

    private static ByteBuf head(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }
}
