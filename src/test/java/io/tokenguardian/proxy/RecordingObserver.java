package io.tokenguardian.proxy;

import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

public class RecordingObserver implements Consumer<Answer> {
    final Queue<Finding> refusals = new ConcurrentLinkedQueue<>();

    /** The acceptances, which have a date. */
    final Queue<Answer> dates = new ConcurrentLinkedQueue<>();

    volatile boolean inDoubt;

    @Override
    public void accept(Answer answer) {
        if (answer.finding() == Finding.ACCEPTED) {
            dates.add(answer);
        } else {
            refusals.add(answer.finding());
            inDoubt |= answer.inDoubt();
        }
    }
}
