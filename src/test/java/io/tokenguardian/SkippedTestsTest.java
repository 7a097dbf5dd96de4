package io.tokenguardian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What is written about skipped tests. */
class SkippedTestsTest {

    static final class OneMethod {
        @Test
        void passes() {}

        @Test
        void lacksAProgram() {
            abort("no kubectl:\n  install it");
        }
    }

    static final class WholeClass {
        @BeforeAll
        static void lackARight() {
            abort("not root");
        }

        @Test
        void isNotReached() {}
    }

    @Disabled("for now")
    static final class Switched {
        @Test
        void off() {}
    }

    @Test
    void eachHasOneLineWithItsClassAndTheReason(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("skipped.txt");

        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .build())
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(
                                        selectClass(OneMethod.class),
                                        selectClass(WholeClass.class),
                                        selectClass(Switched.class))
                                .build(),
                        new SkippedTests(file));

        assertThat(Files.readAllLines(file))
                .containsExactlyInAnyOrder(
                        "OneMethod: no kubectl: install it", "WholeClass: not root", "Switched: for now");
    }
}
