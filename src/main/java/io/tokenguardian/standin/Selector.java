package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Selects objects of a collection by their labels and fields. Supports only the operators {@code =} and {@code ==}. */
final class Selector {

    private record Equal(List<String> path, String value) {}

    private final List<Equal> terms = new ArrayList<>();

    private Selector() {}

    /** Reads the selectors in the query. {@code name} is the object's name in the path; null for the collection. */
    static Selector of(ApiRequest request, @Nullable String name) {
        Selector selector = new Selector();
        if (name != null) {
            selector.terms.add(new Equal(List.of("metadata", "name"), name));
        }
        for (String term : terms(request.parameter("labelSelector"))) {
            String[] sides = sides(term);
            selector.terms.add(new Equal(List.of("metadata", "labels", sides[0]), sides[1]));
        }
        for (String term : terms(request.parameter("fieldSelector"))) {
            String[] sides = sides(term);
            String field = sides[0].equals("source") ? "source.component" : sides[0]; // in events
            selector.terms.add(new Equal(List.of(field.split("\\.", -1)), sides[1]));
        }
        return selector;
    }

    boolean matches(ObjectNode object) {
        return terms.stream().allMatch(term -> {
            JsonNode node = object;
            for (String step : term.path()) {
                node = node.path(step);
            }
            return node.asText().equals(term.value());
        });
    }

    private static String[] terms(@Nullable String selector) {
        return selector == null || selector.isEmpty() ? new String[0] : selector.split(",", -1);
    }

    private static String[] sides(String term) {
        String[] sides = term.split("==?", 2);
        if (sides.length != 2 || sides[0].endsWith("!")) {
            throw StatusException.badRequest("unable to parse requirement: only key=value is supported here");
        }
        return sides;
    }
}
