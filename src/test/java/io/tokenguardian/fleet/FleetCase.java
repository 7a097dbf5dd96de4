package io.tokenguardian.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What happens to a fleet after {@link Fleet#WARM_UP}. */
enum FleetCase {
    STEADY("steady, with rotation", Duration.ofHours(2)),

    ONE_RESTARTS("one API server restarts (down 20 s)", Duration.ofSeconds(20)) {
        @Override
        void begin(List<FleetReplica> replicas) {
            replicas.get(1).stop();
        }

        @Override
        void end(List<FleetReplica> replicas) {
            replicas.get(1).start();
        }
    },

    ALL_RESTART("all three restart together (down 20 s)", Duration.ofSeconds(20)) {
        @Override
        void begin(List<FleetReplica> replicas) {
            replicas.forEach(FleetReplica::stop);
        }

        @Override
        void end(List<FleetReplica> replicas) {
            replicas.forEach(FleetReplica::start);
        }
    },

    WRONG_KEYS("one has a wrong key set for 10 min", Duration.ofMinutes(10)) {
        @Override
        void begin(List<FleetReplica> replicas) {
            replicas.get(1).setKeys(false);
        }

        @Override
        void end(List<FleetReplica> replicas) {
            replicas.get(1).setKeys(true);
        }
    },

    CLOCKS_JUMP("two clocks are 200 s off for 10 min, one ahead and one behind", Duration.ofMinutes(10)) {
        @Override
        void begin(List<FleetReplica> replicas) {
            replicas.get(0).setClock(Duration.ofSeconds(200));
            replicas.get(1).setClock(Duration.ofSeconds(-200));
        }

        @Override
        void end(List<FleetReplica> replicas) {
            replicas.forEach(each -> each.setClock(Duration.ZERO));
        }
    },

    ALL_OVERLOADED("all respond 429 for 1 min", Duration.ofMinutes(1)) {
        @Override
        void begin(List<FleetReplica> replicas) {
            replicas.forEach(each -> each.setOverloaded(true));
        }

        @Override
        void end(List<FleetReplica> replicas) {
            replicas.forEach(each -> each.setOverloaded(false));
        }
    },

    MANY_START("a tenth of the pods starts within 10 s", Duration.ofSeconds(10)),

    MANY_START_ISSUER_AHEAD("the same, the issuer 120 s ahead", Duration.ofSeconds(10));

    /** How long the fleet is observed after the fault. */
    private static final Duration AFTERWARDS = Duration.ofMinutes(5);

    private static final Duration STARTS_WITHIN = Duration.ofSeconds(10);

    final String title;
    final Duration lasts;

    FleetCase(String title, Duration lasts) {
        this.title = title;
        this.lasts = lasts;
    }

    void begin(List<FleetReplica> replicas) {}

    void end(List<FleetReplica> replicas) {}

    /** In each fault, one pod of a hundred starts. */
    private int starts(FleetSize size) {
        return switch (this) {
            case STEADY -> 0;
            case MANY_START, MANY_START_ISSUER_AHEAD -> size.pods() / 10;
            default -> size.pods() / 100;
        };
    }

    FleetFigures run(FleetSize size, Duration steady, long seed) {
        Fleet fleet = new Fleet(size, seed);
        List<FleetReplica> replicas = fleet.network.replicas;
        if (this == MANY_START_ISSUER_AHEAD) {
            replicas.get(0).setClock(Duration.ofMinutes(2));
        }
        fleet.warmUp(starts(size));
        fleet.beginToMeasure();
        Instant begun = fleet.time.now();
        begin(replicas);
        fleet.startPods(starts(size), STARTS_WITHIN, replicas.get(0));
        fleet.runFor(this == STEADY ? steady : lasts);
        end(replicas);
        Instant ended = fleet.time.now();
        fleet.runFor(this == STEADY ? Duration.ZERO : AFTERWARDS);
        return fleet.figures(begun, ended);
    }
}
