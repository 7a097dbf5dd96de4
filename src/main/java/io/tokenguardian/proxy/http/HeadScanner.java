package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a request's headers, and checks the limits, before the headers are parsed and take more memory. Each
 * line must end with CR LF, and must not begin with a blank: Netty joins folded lines in quadratic time, and accepts a
 * blank before the method. If a line begins with a control character, such as the first byte of TLS, no more bytes are
 * awaited. Netty refuses everything else (RFC 9112, sections 2.2 and 5). Each byte is scanned once.
 */
final class HeadScanner {

    static final int MAX_REQUEST_LINE = 8 << 10;
    static final int MAX_HEAD = 64 << 10;

    private static final int LINE_START = 0;
    private static final int IN_LINE = 1;
    private static final int AFTER_CR = 2;
    private static final int FINAL_CR = 3;
    private static final int COMPLETE = 4;

    /** How many bytes at a time are copied from the buffer to an array, where reading a byte needs no method call. */
    private static final int COPIED = 512;

    private int state = LINE_START;
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
        byte[] copied = new byte[Math.min(in.readableBytes() - scanned, COPIED)];
        while (state != COMPLETE && scanned < in.readableBytes()) {
            int length = Math.min(in.readableBytes() - scanned, COPIED);
            in.getBytes(in.readerIndex() + scanned, copied, 0, length);
            for (int i = 0; i < length && state != COMPLETE; i++) {
                scanned++;
                if (state != IN_LINE || copied[i] <= '\r') { // not the case for most bytes
                    state = next(copied[i]);
                }
            }
            checkLimits();
        }
        return state == COMPLETE;
    }

    void reset() {
        state = LINE_START;
        scanned = 0;
        lines = 0;
    }

    private int next(byte value) {
        switch (state) {
            case LINE_START -> {
                if (value == '\r') {
                    return FINAL_CR;
                } else if (value <= ' ') {
                    throw malformed("a line begins with a blank or a control character");
                }
                return IN_LINE;
            }
            case AFTER_CR -> {
                requireLf(value);
                lines++;
                return LINE_START;
            }
            case FINAL_CR -> {
                requireLf(value);
                return lines == 0 ? LINE_START : COMPLETE; // an empty line before a request is ignored
            }
            default -> {
                return inLine(value);
            }
        }
    }

    private int inLine(byte value) {
        if (value == '\n') {
            throw malformed("LF without CR");
        } else if (value == '\r') {
            checkLimits();
            return AFTER_CR;
        }
        return IN_LINE;
    }

    private static void requireLf(byte value) {
        if (value != '\n') {
            throw malformed("CR without LF");
        }
    }

    /** The number of bytes of the headers so far, counted from the buffer's reader index. */
    int length() {
        return scanned;
    }

    int fields() {
        return Math.max(0, lines - 1);
    }

    private void checkLimits() {
        if (lines == 0 && scanned > MAX_REQUEST_LINE) {
            throw new RequestRefusedException(ProxyFault.TARGET_TOO_LONG, MAX_REQUEST_LINE + " bytes at most");
        }
        if (scanned > MAX_HEAD) {
            throw new RequestRefusedException(ProxyFault.HEAD_TOO_LARGE, MAX_HEAD + " bytes at most");
        }
    }

    private static RequestRefusedException malformed(String detail) {
        return new RequestRefusedException(ProxyFault.MALFORMED, detail);
    }
}
