package io.tokenguardian.proxy;

import io.tokenguardian.proxy.StrictCaller.Writing;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The public tests that have a case of the same class. */
enum Corpus {
    LLHTTP("llhttp"),
    GO("Go net/http"),
    H11("h11"),
    KUBERNETES("kubernetes proxies"),
    ATTACKS("known attacks");

    private final String source;

    Corpus(String source) {
        this.source = source;
    }

    @Override
    public String toString() {
        return source;
    }

    /** Runs each case in one piece, and also byte by byte if {@code inPieces} is true. */
    static <T> Stream<Arguments> written(Stream<T> cases, Predicate<T> inPieces) {
        return cases.flatMap(each -> Arrays.stream(Writing.values())
                .filter(writing -> writing == Writing.AT_ONCE || inPieces.test(each))
                .map(writing -> Arguments.of(each, writing)));
    }

    /** Prints the number of cases of each class. */
    static <T> void count(String what, Stream<T> cases, Function<T, Corpus> corpusOf) {
        cases.collect(Collectors.groupingBy(corpusOf, Collectors.counting()))
                .forEach((corpus, count) -> System.out.println(what + ", " + corpus + ": " + count + " cases"));
    }
}
