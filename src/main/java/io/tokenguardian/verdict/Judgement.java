package io.tokenguardian.verdict;

/** What the evidence amounts to now, and the question that can change it. */
public record Judgement(Verdict verdict, Look next) {}
