package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class HeadChargeTest {

    private final Semaphore budget = new Semaphore(1000);
    private final HeadCharge charge = new HeadCharge(budget);

    @Test
    void ordinaryHeadersAreFree() {
        assertThat(charge.grow(HeadCharge.FREE, 0)).isTrue();
        assertThat(budget.availablePermits()).isEqualTo(1000);
    }

    @Test
    void headersAboveTheFreeSizeAreCharged() {
        assertThat(charge.grow(HeadCharge.FREE + 1, 0)).isTrue();
        assertThat(budget.availablePermits()).isEqualTo(999);
    }

    @Test
    void growingHeadersAreChargedForTheirNewBytes() {
        charge.grow(HeadCharge.FREE + 400, 0);
        charge.grow(HeadCharge.FREE + 600, 0);
        assertThat(budget.availablePermits()).isEqualTo(400);
    }

    @Test
    void eachFieldCostsMoreThanItsBytes() {
        charge.grow(HeadCharge.FREE, 2);
        assertThat(budget.availablePermits()).isEqualTo(1000 - 2 * HeadCharge.FIELD);
    }

    @Test
    void theLastByteOfTheBudgetCanBeUsed() {
        assertThat(charge.grow(HeadCharge.FREE + 1000, 0)).isTrue();
        assertThat(budget.availablePermits()).isZero();
    }

    @Test
    void headersAboveTheBudgetAreRefusedAndTheRemainderIsKept() {
        charge.grow(HeadCharge.FREE + 600, 0);
        assertThat(charge.grow(HeadCharge.FREE + 1001, 0)).isFalse();
        assertThat(budget.availablePermits()).isEqualTo(400);
    }

    @Test
    void theEndOfTheRequestReturnsTheChargeOnce() {
        charge.grow(HeadCharge.FREE + 600, 0);
        charge.end();
        charge.end();
        assertThat(budget.availablePermits()).isEqualTo(1000);
    }
}
