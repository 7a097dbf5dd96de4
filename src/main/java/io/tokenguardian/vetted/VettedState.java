package io.tokenguardian.vetted;

/**
 * How it is with one output.
 *
 * @param word {@code waiting}, {@code written}, {@code withdrawn} or {@code failed}
 * @param explanation one line for a person, which names the file or directory
 */
public record VettedState(String word, String explanation) {}
