package io.tokenguardian.vetted;

/**
 * The state of an output.
 *
 * @param word {@code waiting}, {@code written}, {@code withdrawn} or {@code failed}
 * @param explanation one line for a person, which names the file or directory
 */
public record VettedState(String word, String explanation) {}
