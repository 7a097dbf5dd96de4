package io.tokenguardian.proxy;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.guardian.ProxyObserver;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

public class RecordingObserver implements ProxyObserver {

    record HeardDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date) {}

    final Queue<HeardRefusal> refusals = new ConcurrentLinkedQueue<>();
    final Queue<HeardDate> dates = new ConcurrentLinkedQueue<>();

    @Override
    public void onRefusal(Token token, HeardRefusal refusal) {
        refusals.add(refusal);
    }

    @Override
    public void onDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date) {
        dates.add(new HeardDate(address, certificate, roundTrip, date));
    }
}
