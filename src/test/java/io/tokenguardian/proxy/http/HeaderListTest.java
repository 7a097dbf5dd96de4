package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers of a message, compared with Netty's own. */
class HeaderListTest {

    private static final List<AsciiString> NAMES = Stream.of(
                    "Host", "host", "HOST", "Date", "X-A", "x-a", "X-Bb", "Connection")
            .map(AsciiString::new)
            .toList();
    private static final int CHANGES = 20_000;

    private final HeaderList headers = new HeaderList();

    @Test
    void everyOperationHasTheResultOfNettysHeaders() {
        Random random = new Random(1);
        HttpHeaders nettys = new DefaultHttpHeaders();
        for (int i = 0; i < CHANGES; i++) {
            AsciiString name = NAMES.get(random.nextInt(NAMES.size()));
            String value = "v" + random.nextInt(5);
            switch (random.nextInt(5)) {
                case 0, 1, 2 -> both(nettys, each -> each.add(name, value));
                case 3 -> both(nettys, each -> each.set(name, value));
                default -> both(nettys, each -> each.remove(name));
            }
            assertThat(headers.entries()).isEqualTo(nettys.entries());
            assertThat(walked(headers)).isEqualTo(walked(nettys));
            assertThat(headers.get(name)).isEqualTo(nettys.get(name));
            assertThat(headers.getAll(name)).isEqualTo(nettys.getAll(name));
            assertThat(headers.contains(name)).isEqualTo(nettys.contains(name));
            assertThat(headers.contains(name, value, true)).isEqualTo(nettys.contains(name, value, true));
            assertThat(headers.containsValue(name, value, true)).isEqualTo(nettys.containsValue(name, value, true));
            assertThat(headers.size()).isEqualTo(nettys.size());
            assertThat(headers.isEmpty()).isEqualTo(nettys.isEmpty());
            assertThat(walked(headers.copy())).isEqualTo(walked(nettys));
        }
    }

    private interface Change {
        void of(HttpHeaders headers);
    }

    private void both(HttpHeaders nettys, Change change) {
        change.of(headers);
        change.of(nettys);
    }

    private static List<String> walked(HttpHeaders headers) {
        List<String> all = new ArrayList<>();
        headers.iteratorCharSequence().forEachRemaining(each -> all.add(each.getKey() + ": " + each.getValue()));
        return all;
    }

    static Stream<Arguments> methodsAndNames() {
        return Arrays.stream(HttpHeaders.class.getMethods())
                .filter(method -> method.getDeclaringClass() == HttpHeaders.class)
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> !method.getName().equals("toString")) // has the name of the class
                .flatMap(method -> Stream.of("x-a", "date", "x-none").map(name -> Arguments.of(method, name)));
    }

    /** Netty's codecs, and code that has a name as a {@code String}, may call any of these methods. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("methodsAndNames")
    void everyMethodHasTheResultOfNettysHeaders(Method method, String name) throws IllegalAccessException {
        // Given
        HttpHeaders nettys = new DefaultHttpHeaders();
        both(nettys, each -> each.add(new AsciiString("X-A"), "1"));
        both(nettys, each -> each.add(new AsciiString("Date"), "Sun, 01 Mar 2026 12:00:00 GMT"));
        both(nettys, each -> each.add(new AsciiString("x-A"), "2, 3"));

        // When
        Object result = result(method, headers, name);

        // Then
        assertThat(result).isEqualTo(result(method, nettys, name));
        assertThat(walked(headers)).isEqualTo(walked(nettys));
    }

    private static Object[] arguments(Method method, String name) {
        Map<Class<?>, Object> values = Map.of(
                Object.class,
                5,
                Iterable.class,
                List.of("6", "7"),
                HttpHeaders.class,
                new DefaultHttpHeaders().add("X-A", "8").add("X-C", "9"),
                int.class,
                10,
                short.class,
                (short) 11,
                long.class,
                12L,
                boolean.class,
                true);
        return Arrays.stream(method.getParameterTypes())
                .map(type -> values.getOrDefault(type, name))
                .toArray();
    }

    /** Returns what the method returns, in a form that can be compared, or the exception that it throws. */
    private static @Nullable Object result(Method method, HttpHeaders of, String name) throws IllegalAccessException {
        try {
            Object result = method.invoke(of, arguments(method, name));
            if (result instanceof HttpHeaders all) {
                return walked(all);
            } else if (result instanceof Set<?> all) {
                return texts(all.iterator());
            }
            return result instanceof Iterator<?> all ? texts(all) : result;
        } catch (InvocationTargetException e) {
            return String.valueOf(e.getCause());
        }
    }

    /** Sorts the texts, because Netty returns the values of one name in the reverse order. */
    private static List<String> texts(Iterator<?> all) {
        List<String> texts = new ArrayList<>();
        all.forEachRemaining(each -> texts.add(
                each instanceof Map.Entry<?, ?> entry ? entry.getKey() + ": " + entry.getValue() : each.toString()));
        texts.sort(null);
        return texts;
    }

    @Test
    void nettysHeadersCanTakeAllOfAList() {
        headers.add(NAMES.get(0), "1").add(NAMES.get(3), "2");
        assertThat(walked(new DefaultHttpHeaders().add(headers))).isEqualTo(walked(headers));
        assertThat(walked(new DefaultHttpHeaders().set(headers))).isEqualTo(walked(headers));
        assertThat(walked(new DefaultHttpHeaders().setAll(headers))).isEqualTo(walked(headers));
    }

    @Test
    void aMessageWithAListCanBeAKey() {
        DefaultHttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", headers);
        assertThat(Map.of(request, true)).containsKey(request);
    }

    @Test
    void aCopyDoesNotChangeWithTheOriginal() {
        headers.add(NAMES.get(0), "1");
        HttpHeaders copy = headers.copy();
        headers.set(NAMES.get(0), "2");
        assertThat(copy.get(NAMES.get(0))).isEqualTo("1");
    }

    @Test
    void onePassRemovesAllMatchingHeaders() {
        NAMES.forEach(name -> headers.add(name, "1"));
        HeaderList.removeIf(headers, name -> AsciiString.contentEqualsIgnoreCase(name, "host"));
        assertThat(headers.entries())
                .extracting(Map.Entry::getKey)
                .containsExactly("Date", "X-A", "x-a", "X-Bb", "Connection");
    }

    @Test
    void onePassRemovesAllMatchesFromNettysHeadersToo() {
        HttpHeaders nettys =
                new DefaultHttpHeaders().add("a", "1").add("b", "2").add("A", "3");
        HeaderList.removeIf(
                nettys, name -> name.toString().toLowerCase(Locale.ROOT).equals("a"));
        assertThat(nettys.names()).containsExactly("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\u0000b", "a\u007fb", "\u0001", "a\u001f"})
    void aControlCharacterInAValueIsRefused(String value) {
        assertThatThrownBy(() -> headers.add(NAMES.get(0), value)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\tb", "\u00ff"})
    void anyOtherValueIsAccepted(String value) {
        assertThat(headers.add(NAMES.get(0), value).get(NAMES.get(0))).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "host", "X-Kubernetes-Pf-Prioritylevel-Uid", "a"})
    void aNameKeepsTheCaseOfItsLetters(String name) {
        assertThat((Object) name(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a ", "a\u00e9", "a(", "a\u0000", "\u007f"})
    void aNameThatIsNotATokenIsRefused(String name) {
        assertThatThrownBy(() -> name(name)).isInstanceOf(IllegalArgumentException.class);
    }

    private static AsciiString name(String name) {
        byte[] line = ("x" + name + ": value").getBytes(StandardCharsets.ISO_8859_1);
        return HeaderList.name(line, 1, name.length());
    }
}
