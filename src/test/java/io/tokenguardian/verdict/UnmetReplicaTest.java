package io.tokenguardian.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnmetReplicaTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 10", "2, 18", "3, 25", "4, 31", "5, 38", "7, 52", "8, 52"})
    void theNumberOfConnectionsGrowsWithTheKnownReplicas(int met, int connections) {
        assertThat(UnmetReplica.connectionsToRuleOut(met)).isEqualTo(connections);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void theFewestConnectionsLeaveAChanceOfAtMostAThousandth(int met) {
        int connections = UnmetReplica.connectionsToRuleOut(met);
        double unmet = met / (met + 1.0);

        assertThat(Math.pow(unmet, connections)).isLessThanOrEqualTo(0.001);
        assertThat(Math.pow(unmet, connections - 1)).isGreaterThan(0.001);
    }
}
