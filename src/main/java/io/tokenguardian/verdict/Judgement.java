package io.tokenguardian.verdict;

/** The verdict based on the current evidence, and the next probe that can change the verdict. */
public record Judgement(Verdict verdict, NextProbe next) {}
