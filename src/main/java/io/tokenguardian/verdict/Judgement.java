package io.tokenguardian.verdict;

/** The verdict from the present evidence, and the next probe that can change it. */
public record Judgement(Verdict verdict, NextProbe next) {}
