package io.tokenguardian.proxy;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.guardian.ProxyObserver;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

public class RecordingObserver implements ProxyObserver {

    record Heard(Answer answer, String address, Supplier<ServerCertificate> certificate) {}

    final Queue<Finding> refusals = new ConcurrentLinkedQueue<>();

    /** The acceptances, which have a date. */
    final Queue<Heard> dates = new ConcurrentLinkedQueue<>();

    volatile boolean inDoubt;

    @Override
    public void onAnswer(Answer answer, String address, Supplier<ServerCertificate> certificate, boolean isInDoubt) {
        if (answer.finding() == Finding.ACCEPTED) {
            dates.add(new Heard(answer, address, certificate));
        } else {
            refusals.add(answer.finding());
            inDoubt |= isInDoubt;
        }
    }
}
