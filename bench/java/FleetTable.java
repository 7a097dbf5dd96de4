package io.tokenguardian.fleet;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the cases of {@link FleetCase}, and prints their figures as a table. This program is run by {@code bench/fleet}.
 */
final class FleetTable {
    private static final String TENTH = "--tenth";

    private FleetTable() {}

    public static void main(String... args) {
        List<String> wanted =
                Stream.of(args).filter(each -> !each.equals(TENTH)).toList();
        FleetSize size = List.of(args).contains(TENTH) ? FleetSize.TENTH : FleetSize.FULL;
        System.out.println(FleetFigures.HEADER);
        for (FleetCase each : FleetCase.values()) {
            if (wanted.isEmpty() || wanted.contains(each.name())) {
                long before = cpuTime();
                System.out.println(each.run(size, each.lasts, 1).row(each.title));
                System.err.printf("%s: %.1f s of CPU%n", each, (cpuTime() - before) / 1e9);
            }
        }
    }

    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
