package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the page in a browser. All tests share one browser, so they run in sequence. */
@InSequence
@Tag("browser")
class PageIT {
    private static final int DESK = 1280;
    private static final int POCKET = 360;
    private static final List<World> WORLDS = new ArrayList<>();
    private static final List<Program> PROGRAMS = new ArrayList<>();

    private static Browser browser;
    private static World before;
    private static World within;
    private static World off;
    private static World disabled;
    private static World refused;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start(directory.resolve("profile"));
        before = world(directory.resolve("before"));
        before.offset(1, Duration.ofMinutes(-10));
        within = world(directory.resolve("within"));
        off = world(directory.resolve("off"));
        off.offset(1, Duration.ofSeconds(-45));
        disabled = world(directory.resolve("disabled")).set("GUARDIAN_DISABLED", "true");
        refused = world(directory.resolve("refused"));
        refused.mount(refused.apiServer.issue(TokenSpec.unextended().audience("vault")));
        for (World world : WORLDS) {
            PROGRAMS.add(Program.start(world.environment(), "serve"));
        }
        awaitVerdict(before, "not-yet-valid");
        awaitVerdict(within, "accepted");
        awaitVerdict(off, "accepted");
        awaitVerdict(disabled, "accepted");
        awaitVerdict(refused, "refused");
        await().until(() -> before.status().getBoolean("usable"));
        await().until(() -> !off.status().getJsonArray("warnings").isEmpty());
    }

    private static World world(Path directory) throws Exception {
        World world = World.of(3, Files.createDirectories(directory));
        WORLDS.add(world);
        return world;
    }

    private static void awaitVerdict(World world, String verdict) {
        await().pollInterval(Duration.ofMillis(50))
                .ignoreException(ConnectException.class)
                .until(() -> world.status().getString("verdict").equals(verdict));
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        PROGRAMS.forEach(Program::close);
        WORLDS.forEach(World::close);
    }

    @AfterEach
    void assertNoConsoleMessages() throws Exception {
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void beforeTheWindowThePageNamesTheClockAndWhatToDo() throws Exception {
        open(before, DESK, false);

        assertThat(text("word")).isEqualTo("! usable, not yet valid");
        assertThat(text("headline")).isEqualTo("Requests through the proxy work now.");
        assertThat(text("explanation")).containsPattern("cp-2's clock is (9 min 59 s|10 min( 1 s)?) behind this");
        assertThat(text("advice")).contains("Set cp-2's clock (NTP)");
        assertThat(tone()).isEqualTo("wait");
    }

    @Test
    void theClocksAreAPictureThatAScreenReaderCanRead() throws Exception {
        open(before, DESK, false);

        assertThat(browser.run("return $('clocks').decode().then(() => $('clocks').naturalWidth)"))
                .isEqualTo(1080);
        assertThat(browser.spoken())
                .containsPattern("cp-2 \\(not yet valid\\): (599|600)\\.\\d+ s behind this node")
                .containsPattern("cp-[13] \\(accepted\\): 0(\\.\\d+)? s ");
    }

    @Test
    void withinTheWindowThePageIsGreen() throws Exception {
        open(within, DESK, false);

        assertThat(text("word")).isEqualTo("✓ accepted");
        assertThat(text("headline")).isEqualTo("Requests work now.");
        assertThat(text("explanation")).contains("accepts the token of system:serviceaccount:default:default.");
        assertThat(text("subject"))
                .isEqualTo("in pod " + within.podName() + ", token of system:serviceaccount:default:default");
        assertThat(browser.run("return document.title"))
                .isEqualTo("✓ accepted – " + within.podName() + " – Token Guardian");
        assertThat(tone()).isEqualTo("good");
    }

    @Test
    void thePageOfADisabledGuardianIsAmberAndStatesThatFirst() throws Exception {
        open(disabled, DESK, false);

        assertThat(text("headline")).startsWith("The guardian is off (guardian.disabled)");
        assertThat(text("explanation")).isEmpty();
        assertThat(tone()).isEqualTo("wait");
    }

    @Test
    void aRefusalNotCausedByTimeIsRed() throws Exception {
        open(refused, DESK, false);

        assertThat(text("headline")).isEqualTo("Requests do not work now.");
        assertThat(text("advice")).contains("The API server's log says why");
        assertThat(tone()).isEqualTo("bad");
    }

    @Test
    void theOpenPageUpdatesWhenTheTokenIsAccepted(@TempDir Path directory) throws Exception {
        World world = World.of(3, directory).breakReplica(1);
        try (world;
                Program serving = Program.start(world.environment(), "serve")) {
            awaitVerdict(world, "not-yet-valid");
            open(world, DESK, false);
            browser.run("window.untouched = true");

            Instant old = Instant.now().minusSeconds(599);
            world.mount(world.apiServer.issue(TokenSpec.unextended().issuedAt(old)));

            await().until(() -> text("word").contains(" accepted"));
            assertThat(browser.run("return window.untouched")).isEqualTo(true);
            assertThat(serving.isAlive()).isTrue();
            // An open page would log errors to the console when the guardian ends.
            browser.open(URI.create("about:blank"));
        }
    }

    @Test
    void anUnchangedStatusIsNotReadAloudAgain() throws Exception {
        open(before, DESK, false);

        Object said = browser.run("let said = 0;"
                + " new MutationObserver(() => said++).observe($('word'), {childList: true});"
                + " return update().then(update).then(() => said)");

        assertThat(said).isEqualTo(0);
    }

    @Test
    void theEndOfAGuardianIsReportedOnceUntilAGuardianIsBack(@TempDir Path directory) throws Exception {
        World world = World.of(1, directory);
        try (world) {
            try (Program serving = Program.start(world.environment(), "serve")) {
                awaitVerdict(world, "accepted");
                open(world, DESK, false);
                assertThat(serving.isAlive()).isTrue();
            }
            await().until(() -> lost().startsWith("No connection to the guardian since "));
            browser.run("window.said = 0; new MutationObserver(() => said++).observe($('lost'), {childList: true})");

            browser.run("return update()");

            assertThat(browser.run("return said")).isEqualTo(0);
            assertThat(tone()).isEqualTo("idle");
            try (Program again = Program.start(world.environment(), "serve")) {
                await().until(() -> lost().isEmpty() && tone().equals("good"));
                assertThat(again.isAlive()).isTrue();
                browser.open(URI.create("about:blank"));
            }
        }
        assertThat(browser.console()).allMatch(line -> line.contains("/status") || line.contains("/clocks.svg"));
    }

    @ParameterizedTest
    @CsvSource({"before, 1280, false", "within, 360, true", "off, 1280, true", "off, 360, false", "refused, 1280, false"
    })
    void axeFindsNothing(String when, int width, boolean dark) throws Exception {
        open(worldOf(when), width, dark);

        assertThat(browser.findings()).isEmpty();
    }

    @Test
    void at360PixelsTheHeadlineIsInTheFirstViewAndNothingIsCutOff() throws Exception {
        open(before, POCKET, false);

        assertThat(browser.run("return document.documentElement.scrollWidth")).isEqualTo(POCKET);
        assertThat(((Number) browser.run("return $('headline').getBoundingClientRect().bottom")).doubleValue())
                .isLessThan(300);
    }

    private static World worldOf(String when) {
        return switch (when) {
            case "before" -> before;
            case "within" -> within;
            case "off" -> off;
            default -> refused;
        };
    }

    private static void open(World world, int width, boolean dark) throws Exception {
        browser.view(width, dark);
        browser.open(URI.create("http://127.0.0.1:" + world.localPort + "/"));
        await().pollInterval(Duration.ofMillis(20)).until(() -> !text("word").equals("connecting"));
    }

    private static String text(String id) throws Exception {
        return (String) browser.run("return document.getElementById('" + id + "').textContent");
    }

    private static String tone() throws Exception {
        return (String) browser.run("return $('verdict').className");
    }

    /** Returns the message about the lost guardian; empty while the guardian is connected. */
    private static String lost() throws Exception {
        return (String) browser.run("return $('lost').hidden ? '' : $('lost').textContent");
    }

    @Test
    void acceptedWithAWrongClockIsAmberAndNamesTheClock() throws Exception {
        open(off, DESK, false);

        assertThat(text("word")).isEqualTo("! accepted, with a warning");
        assertThat(text("warnings")).containsPattern("cp-2's clock is 4[456]\\.\\d s behind this node's");
        assertThat(tone()).isEqualTo("wait");
    }

    @Test
    void aHiddenPageSendsNoRequests() throws Exception {
        open(within, DESK, false);

        Object asked = browser.run("Object.defineProperty(document, 'hidden', {get: () => true});"
                + " let asked = 0; window.fetch = () => { asked++; return Promise.reject(); };"
                + " return run().then(() => asked)");

        assertThat(asked).isEqualTo(0);
    }
}
