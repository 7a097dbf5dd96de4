package io.tokenguardian.proxy.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Netty's headers that only call other methods. A subclass must override {@code get}, {@code getAll},
 * {@code contains}, {@code add}, {@code set} and {@code remove} for a name that is a {@code CharSequence}, because
 * Netty's own versions call the methods here.
 */
abstract class AbstractHeaders extends HttpHeaders {

    @Override
    public final @Nullable String get(String name) {
        return get((CharSequence) name);
    }

    @Override
    public final List<String> getAll(String name) {
        return getAll((CharSequence) name);
    }

    @Override
    public final boolean contains(String name) {
        return contains((CharSequence) name);
    }

    @Override
    public final HttpHeaders add(String name, Object value) {
        return add((CharSequence) name, value);
    }

    @Override
    public final HttpHeaders add(String name, Iterable<?> more) {
        more.forEach(value -> add(name, value));
        return this;
    }

    @Override
    public final HttpHeaders addInt(CharSequence name, int value) {
        return add(name, Integer.toString(value));
    }

    @Override
    public final HttpHeaders addShort(CharSequence name, short value) {
        return addInt(name, value);
    }

    @Override
    public final HttpHeaders set(String name, Object value) {
        return set((CharSequence) name, value);
    }

    @Override
    public final HttpHeaders set(String name, Iterable<?> more) {
        remove(name);
        return add(name, more);
    }

    @Override
    public final HttpHeaders setInt(CharSequence name, int value) {
        return set(name, Integer.toString(value));
    }

    @Override
    public final HttpHeaders setShort(CharSequence name, short value) {
        return setInt(name, value);
    }

    @Override
    public final HttpHeaders remove(String name) {
        return remove((CharSequence) name);
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in Netty's class
    public final Iterator<Map.Entry<String, String>> iterator() {
        return entries().iterator();
    }

    // Unused methods, which read numbers and times as Netty does

    private HttpHeaders asNettys() {
        return new DefaultHttpHeaders().add(this);
    }

    @Override
    public final Integer getInt(CharSequence name) {
        return asNettys().getInt(name);
    }

    @Override
    public final int getInt(CharSequence name, int defaultValue) {
        return asNettys().getInt(name, defaultValue);
    }

    @Override
    public final Short getShort(CharSequence name) {
        return asNettys().getShort(name);
    }

    @Override
    public final short getShort(CharSequence name, short defaultValue) {
        return asNettys().getShort(name, defaultValue);
    }

    @Override
    public final Long getTimeMillis(CharSequence name) {
        return asNettys().getTimeMillis(name);
    }

    @Override
    public final long getTimeMillis(CharSequence name, long defaultValue) {
        return asNettys().getTimeMillis(name, defaultValue);
    }
}
