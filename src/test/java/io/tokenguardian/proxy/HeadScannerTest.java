package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadScannerTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\0Host: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHo\0st: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\n\0\r\n\r\n"
            })
    void aNulIsRefusedWhereverItIsInAHeaderLine(String head) {
        ByteBuf bytes = Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> new HeadScanner().scan(bytes))
                .isInstanceOf(RequestRefusedException.class)
                .hasMessage("a NUL in the head");
    }
}
