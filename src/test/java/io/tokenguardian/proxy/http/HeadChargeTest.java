package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeadChargeTest {

    private final ByteBudget budget = new ByteBudget(1000);
    private final HeadCharge charge = new HeadCharge(budget);

    @Test
    void ordinaryHeadersAreFree() {
        assertThat(charge.grow(HeadCharge.FREE, 0)).isTrue();
        assertThat(budget.left()).isEqualTo(1000);
    }

    @Test
    void headersAboveTheFreeSizeAreCharged() {
        assertThat(charge.grow(HeadCharge.FREE + 1, 0)).isTrue();
        assertThat(budget.left()).isEqualTo(999);
    }

    @Test
    void growingHeadersAreChargedForTheirNewBytes() {
        charge.grow(HeadCharge.FREE + 400, 0);
        charge.grow(HeadCharge.FREE + 600, 0);
        assertThat(budget.left()).isEqualTo(400);
    }

    @Test
    void eachFieldCostsMoreThanItsBytes() {
        charge.grow(HeadCharge.FREE, 2);
        assertThat(budget.left()).isEqualTo(1000 - 2 * HeadCharge.FIELD);
    }

    @Test
    void theLastByteOfTheBudgetCanBeUsed() {
        assertThat(charge.grow(HeadCharge.FREE + 1000, 0)).isTrue();
        assertThat(budget.left()).isZero();
    }

    @Test
    void headersAboveTheBudgetAreRefusedAndTheRemainderIsKept() {
        charge.grow(HeadCharge.FREE + 600, 0);
        assertThat(charge.grow(HeadCharge.FREE + 1001, 0)).isFalse();
        assertThat(budget.left()).isEqualTo(400);
    }

    @Test
    void theEndOfTheRequestReturnsTheChargeOnce() {
        charge.grow(HeadCharge.FREE + 600, 0);
        charge.end();
        charge.end();
        assertThat(budget.left()).isEqualTo(1000);
    }
}
