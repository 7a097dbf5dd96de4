package io.tokenguardian.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskedOutputTest {
    private static final String TOKEN =
            TestTokens.issuedAt(Instant.ofEpochSecond(1_800_000_000)).text();

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final MaskedOutput output = new MaskedOutput(written);

    private void write(String text) throws IOException {
        output.write(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 10_000})
    void aTokenIsMaskedHoweverItIsCutIntoWrites(int length) throws IOException {
        String text = "token: '" + TOKEN + "' é\n";

        for (int from = 0; from < text.length(); from += length) {
            write(text.substring(from, Math.min(text.length(), from + length)));
            output.flush();
        }

        assertThat(written.toString(UTF_8)).isEqualTo("token: '***' é\n");
    }

    @Test
    void textWithoutATokenIsTheSame() throws IOException {
        write("héllo, wörld\r\n\u0000\u001b[1m€\n");

        assertThat(written.toString(UTF_8)).isEqualTo("héllo, wörld\r\n\u0000\u001b[1m€\n");
    }

    @Test
    void aWordIsWrittenOnceTheNextCharacterHasCome() throws IOException {
        write("a word");
        assertThat(written.toString(UTF_8)).isEqualTo("a ");

        write("\n");

        assertThat(written.toString(UTF_8)).isEqualTo("a word\n");
    }

    @Test
    void theLastWordIsWrittenAtTheEnd() throws IOException {
        write("a word");

        output.writeWord();

        assertThat(written.toString(UTF_8)).isEqualTo("a word");
    }

    @Test
    void aSingleByteIsMaskedLikeTheOthers() throws IOException {
        for (byte each : (TOKEN + " ").getBytes(UTF_8)) {
            output.write(each);
        }

        assertThat(written.toString(UTF_8)).isEqualTo("*** ");
    }

    @Test
    void aWordWithoutAnEndIsWrittenInPieces() throws IOException {
        write("a".repeat(300_000));

        assertThat(written.size()).isBetween(200_000, 300_000);
    }
}
