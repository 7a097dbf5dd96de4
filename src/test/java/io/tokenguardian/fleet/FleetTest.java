package io.tokenguardian.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All cases with a tenth of the pods, and a tenth of the API servers' capacity. {@code bench/fleet} runs the whole. */
@Tag("simulation")
class FleetTest {
    // The bounds. Rates are scaled to the whole fleet: 5,000 pods, and API servers that do 1,200 handshakes per second.
    private static final double STEADY_HANDSHAKES = 30; // the whole fleet has less than 25
    private static final double HANDSHAKES_WITH_WRONG_KEYS = 55; // the whole fleet has 44 to 49, by seed
    private static final double HIGHEST_AFTER_ALL_RESTART = 1_200;
    private static final Duration WELL_AFTER_ALL_RESTART = Duration.ofSeconds(30);
    private static final Duration LAST_OF_MANY_STARTS = Duration.ofSeconds(4); // the whole fleet takes less than 3 s

    private static final FleetSize SIZE = FleetSize.TENTH;
    private static final int SCALE = FleetSize.FULL.pods() / SIZE.pods();
    private static final Duration STEADY = Duration.ofMinutes(30);

    private static final Map<FleetCase, FleetFigures> FIGURES = new EnumMap<>(FleetCase.class);

    @BeforeAll
    static void runTheCases() {
        System.out.println(FleetFigures.HEADER);
        for (FleetCase each : FleetCase.values()) {
            FIGURES.put(each, each.run(SIZE, each == FleetCase.STEADY ? STEADY : each.lasts, 1));
            System.out.println(of(each).row(each.title));
        }
    }

    private static FleetFigures of(FleetCase each) {
        return Objects.requireNonNull(FIGURES.get(each));
    }

    @ParameterizedTest
    @EnumSource
    void noGateOpensEarly(FleetCase each) {
        assertThat(of(each).early()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void allPodsAreWellInTheEnd(FleetCase each) {
        assertThat(of(each).unwell()).isZero();
    }

    @Test
    void aSteadyFleetOpensFewConnectionsAndLosesNoRequest() {
        FleetFigures steady = of(FleetCase.STEADY);

        assertThat(SCALE * steady.handshakes()).isLessThanOrEqualTo(STEADY_HANDSHAKES);
        assertThat(steady.requests()).isGreaterThan(30_000);
        assertThat(steady.failed()).isZero();
    }

    /** The proxy's connections have no TLS here, so {@link FleetProxy} adds the certificates of the replicas. */
    @Test
    void responsesToRequestsShowNoFurtherReplica() {
        assertThat(of(FleetCase.STEADY).mostReplicas()).isEqualTo(3);
    }

    @Test
    void aRestartOfAllLeadsToNoStormOfConnections() {
        FleetFigures restart = of(FleetCase.ALL_RESTART);

        assertThat(SCALE * restart.highestHandshakes()).isLessThanOrEqualTo(HIGHEST_AFTER_ALL_RESTART);
        assertThat(restart.wellAfter()).isLessThanOrEqualTo(WELL_AFTER_ALL_RESTART);
    }

    @Test
    void aWrongKeySetCostsFewConnectionsAndNoReadiness() {
        FleetFigures wrong = of(FleetCase.WRONG_KEYS);

        assertThat(SCALE * wrong.handshakes()).isLessThanOrEqualTo(HANDSHAKES_WITH_WRONG_KEYS);
        assertThat(wrong.notReady()).isZero();
        assertThat(wrong.notUsable()).isZero();
        assertThat(wrong.failed()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"MANY_START", "MANY_START_ISSUER_AHEAD"})
    void theGatesOfManyPodsOpenSoon(FleetCase many) {
        assertThat(of(many).gates()).hasSize(SIZE.pods() / 10);
        assertThat(of(many).latest()).isLessThanOrEqualTo(LAST_OF_MANY_STARTS);
    }
}
