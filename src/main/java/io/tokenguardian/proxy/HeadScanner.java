package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request head before it is parsed, each byte once: where it ends, whether it is within the limits, and
 * whether all readers split its lines alike (RFC 9112, sections 2.2, 3 and 5.2). It refuses a bare LF or CR, a folded
 * line and NUL. A request line must be method, target and version with one space between; Netty would accept any
 * control character as a space.
 */
final class HeadScanner implements ByteProcessor {

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
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private int state = AT_START;
    private int scanned;
    private int fields;
    private boolean inRequestLine = true;
    private int part = METHOD;
    private int partLength;
    private boolean http10;
    private @Nullable RequestRefusedException refusal;

    /**
     * Continues where the last call for the same head stopped.
     *
     * @return whether the head is complete; if not, the buffer must be kept from its reader index on
     * @throws RequestRefusedException if the head breaks a rule or a limit
     */
    boolean scan(ByteBuf in) {
        int from = in.readerIndex() + scanned;
        int end = in.forEachByte(from, in.writerIndex() - from, this);
        if (refusal != null) {
            throw refusal;
        }
        return end >= 0;
    }

    /** Prepares for the next head. */
    void reset() {
        state = AT_START;
        scanned = 0;
        fields = 0;
        inRequestLine = true;
        part = METHOD;
        partLength = 0;
    }

    /** Scans one byte. Returns false, which ends the scan, at the head's last byte or at the first wrong one. */
    @Override
    public boolean process(byte value) {
        scanned++;
        if (value > '\r' && state == IN_LINE) {
            return withinLimits();
        }
        switch (state) {
            case AT_START -> {
                if (value == '\r') {
                    state = AT_START_CR; // an empty line before a request is ignored (RFC 9112, section 2.2)
                } else if (value <= ' ') {
                    return refuse("the request line does not start with a method");
                } else {
                    state = IN_REQUEST_LINE;
                    return requestLine(value);
                }
            }
            case IN_REQUEST_LINE -> {
                return requestLine(value);
            }
            case AT_START_CR -> {
                if (value != '\n') {
                    return refuse("CR without LF");
                }
                state = AT_START;
            }
            case IN_LINE -> {
                return inLine(value);
            }
            case AFTER_CR -> {
                if (value != '\n') {
                    return refuse("CR without LF");
                }
                inRequestLine = false;
                state = AT_LINE_START;
            }
            case AT_LINE_START -> {
                if (value == ' ' || value == '\t') {
                    return refuse("a folded header");
                } else if (value == '\r') {
                    state = FINAL_CR;
                } else {
                    state = IN_LINE;
                    fields++;
                    return inLine(value);
                }
            }
            case FINAL_CR -> {
                if (value != '\n') {
                    return refuse("CR without LF");
                }
                state = COMPLETE;
                return false;
            }
            default -> throw new IllegalStateException("the head is complete");
        }
        return withinLimits();
    }

    /** Whether the version of the complete head is HTTP/1.0. */
    boolean isHttp10() {
        return http10;
    }

    /** The number of bytes of the head so far, from the buffer's reader index. */
    int length() {
        return scanned;
    }

    /** The number of header fields of the head so far. */
    int fields() {
        return fields;
    }

    private boolean requestLine(byte value) {
        if (value == '\r' && part == VERSION && partLength > VERSION_PREFIX.length()) {
            state = AFTER_CR;
        } else if (value == ' ' && part < VERSION && partLength > 0) {
            part++;
            partLength = 0;
        } else if (!isInPart(value)) {
            return refuse("the request line is not method, target and HTTP/1.1 or HTTP/1.0, with one space between");
        } else {
            partLength++;
            http10 = value == '0'; // the line's last byte decides
        }
        return withinLimits();
    }

    private boolean inLine(byte value) {
        if (value == '\r') {
            state = AFTER_CR;
        } else if (value == '\n') {
            return refuse("LF without CR");
        } else if (value == 0) {
            return refuse("a NUL in the head");
        }
        return withinLimits();
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

    private boolean withinLimits() {
        if (inRequestLine && scanned > MAX_REQUEST_LINE) {
            refusal = new RequestRefusedException(ProxyFault.TARGET_TOO_LONG, MAX_REQUEST_LINE + " bytes at most");
            return false;
        }
        if (scanned > MAX_HEAD) {
            refusal = new RequestRefusedException(ProxyFault.HEAD_TOO_LARGE, MAX_HEAD + " bytes at most");
            return false;
        }
        return true;
    }

    private boolean refuse(String detail) {
        refusal = new RequestRefusedException(ProxyFault.MALFORMED, detail);
        return false;
    }
}
