package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Checks a request line and its headers before they are parsed, and finds their end. They must be within the limits,
 * and all readers must split the lines in the same way (RFC 9112, sections 2.2, 3 and 5.2). A bare LF or CR, a folded
 * line, or a NUL is refused. A request line must consist of a method, a target and a version, separated by single
 * spaces; Netty would accept any control character as a space. Each byte is scanned once.
 */
final class HeadScanner {

    static final int MAX_REQUEST_LINE = 8 << 10;
    static final int MAX_HEAD = 64 << 10;

    private static final int AT_START = 0;
    private static final int AT_START_CR = 1;
    private static final int IN_LINE = 2;
    private static final int AFTER_CR = 3;
    private static final int AT_LINE_START = 4;
    private static final int FINAL_CR = 5;
    private static final int COMPLETE = 6;
    private static final int IN_REQUEST_LINE = 7;

    private static final int METHOD = 0;
    private static final int VERSION = 2;
    private static final String VERSION_PREFIX = "HTTP/1.";

    /** How many bytes at a time are copied from the buffer to an array, where reading a byte needs no method call. */
    private static final int COPIED = 512;

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private int state = AT_START;
    private int scanned;
    private int fields;
    private boolean inRequestLine = true;
    private int part = METHOD;
    private int partLength;
    private boolean http10;

    /**
     * Continues scanning after the last scanned byte of the same request.
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
                if (state == IN_LINE && copied[i] > '\r') {
                    scanned++; // the case for most bytes
                } else {
                    scan(copied[i]);
                }
            }
            checkLimits();
        }
        return state == COMPLETE;
    }

    void reset() {
        state = AT_START;
        scanned = 0;
        fields = 0;
        inRequestLine = true;
        part = METHOD;
        partLength = 0;
    }

    private void scan(byte value) {
        scanned++;
        switch (state) {
            case IN_LINE -> inLine(value);
            case IN_REQUEST_LINE -> requestLine(value);
            case AT_START -> {
                if (value == '\r') {
                    state = AT_START_CR; // an empty line before a request is ignored (RFC 9112, section 2.2)
                } else if (value <= ' ') {
                    throw malformed("the request line does not start with a method");
                } else {
                    state = IN_REQUEST_LINE;
                    requestLine(value);
                }
            }
            case AT_START_CR -> {
                requireLf(value);
                state = AT_START;
            }
            case AFTER_CR -> {
                requireLf(value);
                inRequestLine = false;
                state = AT_LINE_START;
            }
            case AT_LINE_START -> {
                if (value == ' ' || value == '\t') {
                    throw malformed("a folded header");
                } else if (value == '\r') {
                    state = FINAL_CR;
                } else {
                    state = IN_LINE;
                    fields++;
                    inLine(value);
                }
            }
            case FINAL_CR -> {
                requireLf(value);
                state = COMPLETE;
            }
            default -> throw new IllegalStateException("the headers are complete");
        }
        checkLimits();
    }

    private static void requireLf(byte value) {
        if (value != '\n') {
            throw malformed("CR without LF");
        }
    }

    /** Whether the version of the complete request line is HTTP/1.0. */
    boolean isHttp10() {
        return http10;
    }

    /** The number of bytes of the headers so far, counted from the buffer's reader index. */
    int length() {
        return scanned;
    }

    int fields() {
        return fields;
    }

    private void requestLine(byte value) {
        if (value == '\r' && part == VERSION && partLength > VERSION_PREFIX.length()) {
            state = AFTER_CR;
        } else if (value == ' ' && part < VERSION && partLength > 0) {
            part++;
            partLength = 0;
        } else if (!isInPart(value)) {
            throw malformed("the request line must be method, target and HTTP/1.1 or HTTP/1.0, with single spaces");
        } else {
            partLength++;
            http10 = value == '0'; // the last byte of the line decides
        }
    }

    private void inLine(byte value) {
        if (value == '\r') {
            state = AFTER_CR;
        } else if (value == '\n') {
            throw malformed("LF without CR");
        } else if (value == 0) {
            throw malformed("a NUL in the headers");
        }
    }

    private boolean isInPart(byte value) {
        return switch (part) {
            case METHOD -> isToken(value);
            case VERSION ->
                partLength < VERSION_PREFIX.length()
                        ? value == VERSION_PREFIX.charAt(partLength)
                        : partLength == VERSION_PREFIX.length() && (value == '0' || value == '1');
            default -> value > ' ' && value < 0x7f;
        };
    }

    private static boolean isToken(byte value) {
        return (value >= 'A' && value <= 'Z')
                || (value >= 'a' && value <= 'z')
                || (value >= '0' && value <= '9')
                || TOKEN_MARKS.indexOf(value) >= 0;
    }

    private void checkLimits() {
        if (inRequestLine && scanned > MAX_REQUEST_LINE) {
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
