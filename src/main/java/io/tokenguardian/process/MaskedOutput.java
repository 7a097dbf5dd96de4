package io.tokenguardian.process;

import io.tokenguardian.token.TokenMask;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The program's stdout and stderr, with tokens masked. The last word is withheld until the next character, because it
 * may begin a token, so {@link #finish} must be called at the end. The output of a child process is not masked.
 */
public final class MaskedOutput extends FilterOutputStream {
    /** The maximum length of a word that is checked as a whole, in bytes. A token file has at most 64 KiB. */
    private static final int LONGEST_WORD = 128 * 1024;

    private static final List<MaskedOutput> INSTALLED = new CopyOnWriteArrayList<>();

    private final ByteArrayOutputStream word = new ByteArrayOutputStream();
    private final ByteArrayOutputStream done = new ByteArrayOutputStream();

    MaskedOutput(OutputStream out) {
        super(out);
    }

    public static void install() {
        System.setOut(masked(System.out, "stdout.encoding"));
        System.setErr(masked(System.err, "stderr.encoding"));
    }

    private static PrintStream masked(PrintStream stream, String encoding) {
        MaskedOutput masked = new MaskedOutput(stream);
        INSTALLED.add(masked);
        String charset = System.getProperty(encoding, Charset.defaultCharset().name());
        return new PrintStream(masked, true, Charset.forName(charset));
    }

    /** Writes the last word of each output if it is still being withheld. */
    public static void finish() {
        INSTALLED.forEach(MaskedOutput::writeWord);
    }

    @Override
    public synchronized void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) throws IOException {
        for (int i = from; i < from + length; i++) {
            if (!TokenMask.isPart(bytes[i]) || word.size() == LONGEST_WORD) {
                endWord();
            }
            (TokenMask.isPart(bytes[i]) ? word : done).write(bytes[i]);
        }
        writeDone();
    }

    synchronized void writeWord() {
        try {
            endWord();
            writeDone();
            flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a PrintStream throws no IOException", e);
        }
    }

    private void endWord() {
        done.writeBytes(
                TokenMask.masked(word.toString(StandardCharsets.US_ASCII)).getBytes(StandardCharsets.US_ASCII));
        word.reset();
    }

    private void writeDone() throws IOException {
        out.write(done.toByteArray());
        done.reset();
    }
}
