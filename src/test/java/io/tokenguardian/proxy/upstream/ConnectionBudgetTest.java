package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Search;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many connections the budget pays for, in simulated time. */
class ConnectionBudgetTest {

    private long now;
    private final ConnectionBudget budget = new ConnectionBudget(now);

    private int withdrawAll() {
        int count = 0;
        while (budget.withdraw(now)) {
            count++;
        }
        return count;
    }

    @Test
    void atFirstItPaysForAWholeSearchAndEightMore() {
        assertThat(withdrawAll()).isEqualTo(Search.AT_ONCE + 8);
    }

    @Test
    void anEmptyBudgetPaysForOneConnectionEachHalfSecond() {
        withdrawAll();
        assertThat(budget.opensIn(now)).isEqualTo(ConnectionBudget.INTERVAL);

        now += ConnectionBudget.INTERVAL - 1;
        assertThat(withdrawAll()).isZero();

        now += 1;
        assertThat(budget.opensIn(now)).isZero();
        assertThat(withdrawAll()).isEqualTo(1);
    }

    @Test
    void fiveRequestsPayForOneConnection() {
        withdrawAll();

        for (int i = 0; i < ConnectionBudget.REQUESTS - 1; i++) {
            budget.deposit(now);
        }
        assertThat(withdrawAll()).isZero();

        budget.deposit(now);
        assertThat(withdrawAll()).isEqualTo(1);
    }

    @Test
    void manyRequestsAndMuchTimeSaveUpNoMore() {
        now += Duration.ofHours(1).toNanos();
        for (int i = 0; i < 1_000; i++) {
            budget.deposit(now);
        }

        assertThat(withdrawAll()).isEqualTo(ConnectionBudget.MOST);
    }

    @Test
    void twoThreadsTogetherGetNoMoreThanTheBudgetHas() {
        AtomicInteger paid = new AtomicInteger();

        IntStream.range(0, 10_000).parallel().forEach(i -> paid.addAndGet(budget.withdraw(now) ? 1 : 0));

        assertThat(paid).hasValue(ConnectionBudget.MOST);
    }
}
