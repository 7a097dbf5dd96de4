package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class HeadChargeTest {

    private final Semaphore budget = new Semaphore(1000);
    private final HeadCharge charge = new HeadCharge(budget);

    @Test
    void growingHeadersAreChargedForTheirNewBytes() {
        charge.grow(400);
        charge.grow(600);
        assertThat(budget.availablePermits()).isEqualTo(400);
    }

    @Test
    void theLastByteOfTheBudgetCanBeUsed() {
        assertThat(charge.grow(1000)).isTrue();
        assertThat(budget.availablePermits()).isZero();
    }

    @Test
    void headersAboveTheBudgetAreRefusedAndTheRemainderIsKept() {
        charge.grow(600);
        assertThat(charge.grow(1001)).isFalse();
        assertThat(budget.availablePermits()).isEqualTo(400);
    }

    @Test
    void theEndOfTheRequestReturnsTheChargeOnce() {
        charge.grow(600);
        charge.end();
        charge.end();
        assertThat(budget.availablePermits()).isEqualTo(1000);
    }
}
