package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a request's headers, and checks the limits, before the headers are parsed and take more memory. Each
 * line must end with CR LF, contain no other CR, and not begin with a blank: Netty joins folded lines in quadratic
 * time, and accepts a blank before the method. If a line begins with a control character, such as the first byte of
 * TLS, no more bytes are awaited. Netty refuses everything else (RFC 9112, sections 2.2 and 5).
 */
final class HeadScanner {

    /** In bytes, with the CR. */
    static final int MAX_REQUEST_LINE = 8 << 10;

    static final int MAX_HEAD = 64 << 10;

    /** The bytes counted for each header field in addition to its text, for the objects that represent it. */
    static final int FIELD = 128;

    private static final int CRLF = 2;

    /** Where the current line begins, counted from the buffer's reader index. */
    private int line;

    private int scanned;

    /** The number of complete lines. */
    private int lines;

    /**
     * Continues after the last scanned byte of the same request.
     *
     * @return whether the headers are complete; if not, the bytes from the buffer's reader index on must be kept
     * @throws RequestRefusedException if the headers break a rule or exceed a limit
     */
    boolean scan(ByteBuf in) {
        int start = in.readerIndex();
        while (scanned < in.readableBytes()) {
            int lf = in.indexOf(start + scanned, in.writerIndex(), (byte) '\n');
            int end = lf < 0 ? in.writerIndex() : lf;
            int cr = in.indexOf(start + Math.max(line, scanned - 1), end, (byte) '\r'); // the last byte may be a CR
            scanned = (lf < 0 ? end : lf + 1) - start;
            checkLimits();
            byte first = in.getByte(start + line);
            if (first <= ' ' && first != '\r') {
                throw RequestRefusedException.malformed("a line begins with a blank or a control character");
            }
            if (cr != end - 1 && (cr >= 0 || lf >= 0)) {
                throw RequestRefusedException.malformed("a line must end with CR LF, and contain no other CR");
            }
            if (lf < 0) {
                return false;
            }
            boolean isEmpty = scanned - line == CRLF;
            line = scanned;
            if (!isEmpty) {
                lines++;
            } else if (lines > 0) { // an empty line before a request is ignored
                return true;
            }
        }
        return false;
    }

    void reset() {
        line = 0;
        scanned = 0;
        lines = 0;
    }

    /** The memory for the headers so far, in bytes. */
    int cost() {
        return scanned + Math.max(0, lines - 1) * FIELD;
    }

    private void checkLimits() {
        if (lines == 0 && scanned > MAX_REQUEST_LINE + 1) {
            throw new RequestRefusedException(ProxyFault.TARGET_TOO_LONG, MAX_REQUEST_LINE + " bytes at most");
        }
        if (scanned > MAX_HEAD) {
            throw new RequestRefusedException(ProxyFault.HEAD_TOO_LARGE, MAX_HEAD + " bytes at most");
        }
    }
}
