package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Checks the framing of a chunked body before the body is parsed. The framing consists of the lines with the chunk
 * sizes, the line end after each chunk, and the trailers (RFC 9112, sections 5.2 and 7.1). A size consists of
 * hexadecimal digits at the start of the line. It may be followed by blanks, and by extensions, which begin with a
 * semicolon. A bare LF or CR, a control character or a folded trailer is refused. Each byte is scanned once.
 */
final class ChunkScanner {

    private enum State {
        SIZE,
        BEHIND_SIZE,
        EXTENSION,
        SIZE_CR,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER,
        TRAILER_CR,
        LAST_CR,
        COMPLETE
    }

    /**
     * The maximum number of hexadecimal digits in a size, without leading zeros, because Netty reads a size as a 31-bit
     * number.
     */
    private static final int MOST_DIGITS = 8;

    private final ByteProcessor line = this::isNextInLine;
    private State state = State.SIZE;
    private int digits;
    private long size;
    private boolean anyDigit;

    /** The number of bytes that have been scanned but not parsed. */
    private int ahead;

    /**
     * Continues scanning after the last scanned byte, at most to the end of the body.
     *
     * @throws RequestRefusedException if the framing breaks a rule
     */
    void scan(ByteBuf in) {
        while (state != State.COMPLETE && ahead < in.readableBytes()) {
            if (state == State.DATA) {
                long skipped = Math.min(size, in.readableBytes() - ahead);
                ahead += (int) skipped;
                size -= skipped;
                state = size == 0 ? State.DATA_CR : State.DATA;
            } else {
                int from = in.readerIndex() + ahead;
                int last = in.forEachByte(from, in.writerIndex() - from, line);
                ahead = last < 0 ? in.readableBytes() : last + 1 - in.readerIndex();
            }
        }
    }

    /** Called after the given number of bytes has been parsed. */
    void parsed(int bytes) {
        ahead = Math.max(0, ahead - bytes);
    }

    void reset() {
        state = State.SIZE;
        digits = 0;
        size = 0;
        anyDigit = false;
        ahead = 0;
    }

    /** Scans one byte of a line. Returns whether the next byte also belongs to a line. */
    private boolean isNextInLine(byte value) {
        state = next(value);
        return state != State.DATA && state != State.COMPLETE;
    }

    private State next(byte value) {
        return switch (state) {
            case SIZE -> size(value);
            case BEHIND_SIZE -> behindSize(value);
            case EXTENSION -> value == '\r' ? State.SIZE_CR : inLine(value, State.EXTENSION);
            case SIZE_CR -> {
                requireLf(value);
                yield size == 0 ? State.TRAILER_START : State.DATA;
            }
            case DATA_CR -> {
                if (value != '\r') {
                    throw malformed("no CR LF after a chunk");
                }
                yield State.DATA_LF;
            }
            case DATA_LF -> {
                requireLf(value);
                digits = 0;
                anyDigit = false;
                yield State.SIZE;
            }
            case TRAILER_START -> {
                if (value == ' ' || value == '\t') {
                    throw malformed("a folded trailer");
                }
                yield value == '\r' ? State.LAST_CR : inLine(value, State.TRAILER);
            }
            case TRAILER -> value == '\r' ? State.TRAILER_CR : inLine(value, State.TRAILER);
            case TRAILER_CR -> {
                requireLf(value);
                yield State.TRAILER_START;
            }
            case LAST_CR -> {
                requireLf(value);
                yield State.COMPLETE;
            }
            case DATA, COMPLETE -> throw new IllegalStateException("not in a line");
        };
    }

    private State size(byte value) {
        int digit = Character.digit(value, 16);
        if (digit < 0) {
            if (!anyDigit) {
                throw malformed("a chunk size does not start with a digit");
            }
            return behindSize(value);
        }
        anyDigit = true;
        digits += digits > 0 || digit > 0 ? 1 : 0;
        if (digits > MOST_DIGITS) {
            throw malformed("a chunk is too large");
        }
        size = size * 16 + digit;
        return State.SIZE;
    }

    private static State behindSize(byte value) {
        return switch (value) {
            case ' ', '\t' -> State.BEHIND_SIZE;
            case ';' -> State.EXTENSION;
            case '\r' -> State.SIZE_CR;
            default -> throw malformed("a chunk size is followed by neither an extension nor CR LF");
        };
    }

    private static State inLine(byte value, State within) {
        if ((value >= 0 && value < ' ' && value != '\t') || value == 0x7f) {
            throw malformed("a control character in the body framing");
        }
        return within;
    }

    private static void requireLf(byte value) {
        if (value != '\n') {
            throw malformed("CR without LF");
        }
    }

    private static RequestRefusedException malformed(String detail) {
        return new RequestRefusedException(ProxyFault.MALFORMED, detail);
    }
}
