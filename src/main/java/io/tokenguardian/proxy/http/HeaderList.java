package io.tokenguardian.proxy.http;

import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The headers of one message in two arrays: names and values in the order of arrival. Netty's own headers hash each
 * name, and create an object for each header and an array of 16 hash buckets. That costs more than comparing a dozen
 * names. Bytes are faster to check and to write than characters.
 *
 * <p>Each method has the result of Netty's own, except that {@code equals} compares objects. The methods at the end are
 * not called for ordinary messages.
 *
 * <p>Names either are constants or come from {@link #name}. A value from outside is a {@code String}, and is checked
 * (RFC 9110, section 5.5). The program's own values are {@link AsciiString}s.
 */
public final class HeaderList extends HttpHeaders {

    static final HttpHeadersFactory FACTORY = new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
            return new HeaderList();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return new HeaderList();
        }
    };

    private static final AsciiString[] NONE = {};

    /** The initial size of the arrays: enough for the headers of most requests. */
    private static final int ORDINARY = 16;

    private AsciiString[] names = NONE;
    private AsciiString[] values = NONE;
    private int size;

    /** Keeps the case. Throws {@link IllegalArgumentException} if the name is not a token (RFC 9110, section 5.6.2). */
    static AsciiString name(byte[] line, int start, int length) {
        AsciiString name = new AsciiString(line, start, length, true);
        if (length == 0 || HttpHeaderValidationUtil.validateToken(name) >= 0) {
            throw new IllegalArgumentException("a header name is not a token");
        }
        return name;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public int size() {
        return size;
    }

    private int find(CharSequence name, int from) {
        for (int i = from; i < size; i++) {
            if (names[i].contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the first value; null for none. A {@code HeaderList} returns its own bytes, not a copy. */
    public static @Nullable AsciiString value(HttpHeaders headers, CharSequence name) {
        if (headers instanceof HeaderList list) {
            int found = list.find(name, 0);
            return found < 0 ? null : list.values[found];
        }
        String value = headers.get(name);
        return value == null ? null : new AsciiString(value);
    }

    @Override
    public @Nullable String get(String name) {
        int found = find(name, 0);
        return found < 0 ? null : values[found].toString();
    }

    @Override
    public List<String> getAll(String name) {
        int found = find(name, 0);
        if (found < 0) {
            return List.of();
        }
        List<String> all = new ArrayList<>(1);
        for (; found >= 0; found = find(name, found + 1)) {
            all.add(values[found].toString());
        }
        return all;
    }

    @Override
    public boolean contains(String name) {
        return find(name, 0) >= 0;
    }

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        AsciiString text = checked(value);
        if (size == names.length) {
            int room = Math.max(ORDINARY, 2 * size);
            names = Arrays.copyOf(names, room);
            values = Arrays.copyOf(values, room);
        }
        names[size] = AsciiString.of(name);
        values[size++] = text;
        return this;
    }

    private static AsciiString checked(Object value) {
        if (value instanceof AsciiString own) {
            return own;
        }
        AsciiString text = new AsciiString(value.toString().getBytes(StandardCharsets.ISO_8859_1), false);
        if (HttpHeaderValidationUtil.validateValidHeaderValue(text) >= 0) {
            throw new IllegalArgumentException("a control character in a header value");
        }
        return text;
    }

    /** Adds the new header after all others, as Netty's own headers do. */
    @Override
    public HttpHeaders set(CharSequence name, Object value) {
        remove(name);
        return add(name, value);
    }

    @Override
    public HttpHeaders remove(String name) {
        if (contains(name)) {
            removeIf(each -> AsciiString.contentEqualsIgnoreCase(each, name));
        }
        return this;
    }

    private void removeIf(Predicate<CharSequence> name) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!name.test(names[i])) {
                names[kept] = names[i];
                values[kept++] = values[i];
            }
        }
        Arrays.fill(names, kept, size, null);
        Arrays.fill(values, kept, size, null);
        size = kept;
    }

    /** A {@code HeaderList} does this in one pass, because a request may have thousands of headers. */
    public static void removeIf(HttpHeaders headers, Predicate<CharSequence> name) {
        if (headers instanceof HeaderList list) {
            list.removeIf(name);
        } else {
            headers.names().stream().filter(name).toList().forEach(headers::remove);
        }
    }

    @Override
    public List<Map.Entry<String, String>> entries() {
        List<Map.Entry<String, String>> all = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            all.add(new AbstractMap.SimpleImmutableEntry<>(names[i].toString(), values[i].toString()));
        }
        return all;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in Netty's class
    public Iterator<Map.Entry<String, String>> iterator() {
        return entries().iterator();
    }

    /** The iterator itself serves as each entry. An entry is valid until {@code next} is called again. */
    @Override
    public Iterator<Map.Entry<CharSequence, CharSequence>> iteratorCharSequence() {
        return new Cursor();
    }

    private final class Cursor
            implements Iterator<Map.Entry<CharSequence, CharSequence>>, Map.Entry<CharSequence, CharSequence> {
        private int at = -1;

        @Override
        public boolean hasNext() {
            return at + 1 < size;
        }

        @Override
        public Map.Entry<CharSequence, CharSequence> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            at++;
            return this;
        }

        @Override
        public CharSequence getKey() {
            return names[at];
        }

        @Override
        public CharSequence getValue() {
            return values[at];
        }

        @Override
        public CharSequence setValue(CharSequence value) {
            throw new UnsupportedOperationException();
        }
    }

    // Methods that Netty's class declares. A copy is Netty's own table of headers.

    @Override
    public Set<String> names() {
        return copy().names();
    }

    @Override
    public HttpHeaders clear() {
        removeIf(each -> true);
        return this;
    }

    @Override
    public HttpHeaders add(String name, Object value) {
        return add((CharSequence) name, value);
    }

    @Override
    public HttpHeaders add(String name, Iterable<?> all) {
        all.forEach(value -> add(name, value));
        return this;
    }

    @Override
    public HttpHeaders addInt(CharSequence name, int value) {
        return add(name, value);
    }

    @Override
    public HttpHeaders addShort(CharSequence name, short value) {
        return add(name, value);
    }

    @Override
    public HttpHeaders set(String name, Object value) {
        return set((CharSequence) name, value);
    }

    @Override
    public HttpHeaders set(String name, Iterable<?> all) {
        return remove(name).add(name, all);
    }

    @Override
    public HttpHeaders setInt(CharSequence name, int value) {
        return set(name, value);
    }

    @Override
    public HttpHeaders setShort(CharSequence name, short value) {
        return set(name, value);
    }

    @Override
    public @Nullable Integer getInt(CharSequence name) {
        return copy().getInt(name);
    }

    @Override
    public int getInt(CharSequence name, int otherwise) {
        return copy().getInt(name, otherwise);
    }

    @Override
    public @Nullable Short getShort(CharSequence name) {
        return copy().getShort(name);
    }

    @Override
    public short getShort(CharSequence name, short otherwise) {
        return copy().getShort(name, otherwise);
    }

    @Override
    public @Nullable Long getTimeMillis(CharSequence name) {
        return copy().getTimeMillis(name);
    }

    @Override
    public long getTimeMillis(CharSequence name, long otherwise) {
        return copy().getTimeMillis(name, otherwise);
    }
}
