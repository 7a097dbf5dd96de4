package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import io.vertx.core.json.JsonArray;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the page in a browser before, during and after the token's window. All tests share one browser, so they run in
 * sequence.
 */
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
    private static World after;
    private static World off;
    private static World disabled;
    private static World refused;
    private static World unreachable;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start(directory.resolve("profile"));
        before = world(directory.resolve("before"));
        before.offset(1, Duration.ofMinutes(-10));
        within = world(directory.resolve("within"));
        after = world(directory.resolve("after"));
        after.mount(after.apiServer.issue(TokenSpec.unextended().lifetime(Duration.ofMinutes(10))));
        for (int replica = 0; replica < 3; replica++) {
            after.offset(replica, Duration.ofSeconds(700));
        }
        off = world(directory.resolve("off"));
        off.offset(1, Duration.ofSeconds(-45));
        disabled = world(directory.resolve("disabled")).set("GUARDIAN_DISABLED", "true");
        refused = world(directory.resolve("refused"));
        refused.mount(refused.apiServer.issue(TokenSpec.unextended().audience("vault")));
        unreachable = world(directory.resolve("unreachable"));
        for (int replica = 0; replica < 3; replica++) {
            unreachable.apiServer.replica(replica).down();
        }
        for (World world : WORLDS) {
            PROGRAMS.add(Program.start(world.environment(), "serve"));
        }
        awaitVerdict(before, "not-yet-valid");
        awaitVerdict(within, "accepted");
        awaitVerdict(after, "expired");
        awaitVerdict(off, "accepted");
        awaitVerdict(disabled, "accepted");
        awaitVerdict(refused, "refused");
        awaitVerdict(unreachable, "unreachable");
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
    void beforeTheWindowThePageNamesTheClockItsOffsetAndTheTime() throws Exception {
        open(before, DESK, false);

        String spoken = browser.spoken();

        assertThat(spoken)
                .containsPattern(
                        "heading: Requests through the proxy work now\\. cp-2's clock is (9 min 59 s|10 min( 1 s)?) behind\\. (The token works"
                                + "|Every replica accepts the token) in [789] min( \\d+ s)?\\.\n")
                .containsPattern("Refused by\\n(.*\\n)*?.*cp-2\\n")
                .containsPattern("Clock off by\\n(.*\\n)*?.*(9 min 59 s|10 min( 1 s)?)\\n")
                .containsPattern("Accepted at\\n(.*\\n)*?.*\\d\\d:\\d\\d:\\d\\d\\n");
        assertThat(text("sentence"))
                .containsPattern(
                        "The API server replica cp-2, whose clock is (9 min 59 s|10 min( 1 s)?) behind this"
                                + " node's, refuses the token \\(401 Unauthorized\\) until it is [-0-9TZ:]+ on its own clock\\.");
        assertThat(text("advice")).contains("Set cp-2's clock (NTP); a new pod would wait as long, or longer.");
    }

    @Test
    void aScreenReaderReadsTheFiguresOfTheTimeline() throws Exception {
        open(before, DESK, false);

        String spoken = browser.spoken();

        Instant issued = Instant.parse(before.status().getJsonObject("token").getString("issuedAt"));
        assertThat(spoken)
                .contains("acceptable from", face(issued.minusSeconds(60)))
                .contains("issued", face(issued))
                .contains("kubelet should replace it", "expires")
                .contains("This node")
                .containsPattern("(9 min 59 s|10 min( 1 s)?) behind")
                .containsPattern("±\u00a0\\d\\.\\d{3}\u00a0s")
                .containsPattern("valid in [789] min( \\d+ s)?");
        assertThat(spoken.lines().filter(line -> line.matches("(strong|StaticText): cp-[123]")))
                .hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void withinTheWindowThePageShowsAcceptedAndTheNextRotation() throws Exception {
        open(within, DESK, false);
        browser.run("document.querySelector('details').open = true");

        assertThat(browser.spoken())
                .contains("heading: Requests work now. The API server accepts the token of"
                        + " system:serviceaccount:default:default.")
                .contains("all 3 are right", "Accepted for", "Next rotation in")
                .contains("system:serviceaccount, namespace and name")
                .doesNotContain("401 Unauthorized");
    }

    @Test
    void afterTheWindowThePageShowsExpiredAndTheClockToSet() throws Exception {
        open(after, DESK, false);

        assertThat(browser.spoken())
                .containsPattern(
                        "heading: Requests do not work now\\. (This node's clock is 11 min (39|40|41) s behind\\. The token has expired\\."
                                + "|cp-[123]'s clock is 11 min (39|40|41) s ahead( of this node's)?\\. It treats the token as"
                                + " expired\\.)")
                .containsPattern("Set this node's clock|One of the two clocks is wrong")
                .containsPattern("11 min (39|40|41) s ahead");
    }

    @Test
    void theOpenPageUpdatesWhenTheTokenIsAccepted(@TempDir Path directory) throws Exception {
        World world = World.of(3, directory).breakReplica(1);
        try (world;
                Program serving = Program.start(world.environment(), "serve")) {
            // The log, and so the page's list of changes, may have the verdict a little later than the status.
            await().until(() -> serving.out().contains("verdict=not-yet-valid"));
            open(world, DESK, false);
            browser.run("window.untouched = true");

            Instant old = Instant.now().minusSeconds(599);
            world.mount(world.apiServer.issue(TokenSpec.unextended().issuedAt(old)));

            await().until(() -> word().contains("accepted"));
            assertThat(browser.run("return window.untouched")).isEqualTo(true);
            // Chromium updates the accessibility tree a little later.
            await().until(() -> browser.spoken().contains("rotated token"));
            assertThat(serving.isAlive()).isTrue();
            // An open page would log errors to the console when the guardian ends.
            browser.open(URI.create("about:blank"));
        }
    }

    @Test
    void thePageLoadsAResponseAndAStreamOfUnder60KBTogether() throws Exception {
        open(within, DESK, false);
        await().until(() -> browser.run("return source.readyState").equals(1));

        Browser.Traffic traffic = browser.traffic();

        String page = "http://127.0.0.1:" + within.localPort;
        assertThat(traffic.asked()).containsExactly(URI.create(page + "/"), URI.create(page + "/events"));
        assertThat(traffic.bytes()).isBetween(10_000L, 60_000L);
    }

    @Test
    void theFirstPaintShowsTheWholePage() throws Exception {
        open(before, DESK, false);

        Object whole = browser.run("return performance.getEntriesByName('shown')[0].startTime"
                + " <= performance.getEntriesByType('navigation')[0].domInteractive");

        assertThat(whole).isEqualTo(true);
    }

    @Test
    void proxiedRequestsUpdateOnlyTheirCounts() throws Exception {
        open(within, DESK, false);
        browser.run("window.kept = [...document.querySelectorAll('#claims > *, #clocks > *, #news > *')]");
        Object counts = browser.run("return $('proxy').textContent");

        within.proxied("/api");

        await().until(() -> !browser.run("return $('proxy').textContent").equals(counts));
        assertThat(browser.run("return kept.every(node => node.isConnected)")).isEqualTo(true);
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
            String message = lost();
            browser.run("return new Promise(r => setTimeout(r, 1100))");
            browser.run("source.onerror()");

            assertThat(lost()).isEqualTo(message);
            assertThat(browser.run("return $('verdict').className")).isEqualTo("card accepted stale");

            try (Program again = Program.start(world.environment(), "serve")) {
                await().until(() -> lost().isEmpty());
                assertThat(again.isAlive()).isTrue();
                assertThat(browser.run("return $('verdict').className").toString())
                        .doesNotContain("stale");
                browser.open(URI.create("about:blank"));
            }
        }
        assertThat(browser.console()).allMatch(line -> line.contains("/events"));
    }

    @Test
    void theFactsNameTheSameClockAsTheSentence() throws Exception {
        open(before, DESK, false);
        Object named = browser.run("source.close(); return $('facts').children[0].innerText");

        Object still = browser.run("report.replicas.push({...report.replicas.find(r => r.offset < -5000),"
                + " name: 'another', offset: -3600000}); show(); return $('facts').children[0].innerText");

        assertThat(still).isEqualTo(named);
        assertThat(browser.run("return $('clocks').innerText").toString()).contains("another");
    }

    @Test
    void acceptedWithAWrongClockIsAmberAndNamesTheClock() throws Exception {
        open(off, DESK, false);

        assertThat(browser.run("return $('verdict').className")).isEqualTo("card warned");
        assertThat(word()).isEqualTo("! accepted, a clock is off");
        assertThat(text("headline"))
                .matches("Requests work now\\. cp-2's clock is 4[456]\\.\\d s behind this node's\\.");
        assertThat(text("sentence"))
                .startsWith("This API server replica still accepts new tokens;")
                .endsWith("(NTP).");
        assertThat(browser.run("return $('clocks').innerText").toString())
                .containsPattern("4[456]\\.\\d s behind")
                .containsPattern("since \\d\\d:\\d\\d:\\d\\d, observed by pro(be|xy)");
        assertThat(browser.run("return document.title").toString()).startsWith("! accepted, a clock is off");
        assertThat(off.local("GET", "/status.svg").body()).contains("Token Guardian: accepted, a clock is off");
    }

    @Test
    void thePageOfADisabledGuardianIsAmberAndStatesThatFirst() throws Exception {
        open(disabled, DESK, false);

        assertThat(browser.run("return $('verdict').className")).isEqualTo("card warned");
        assertThat(word()).isEqualTo("! guardian off");
        assertThat(text("headline"))
                .isEqualTo(
                        "The guardian is off (guardian.disabled): it treats the token in the file as accepted, without"
                                + " probing the API server.");
        assertThat(browser.run("return document.title").toString()).startsWith("! guardian off");
        assertThat(disabled.local("GET", "/status.svg").body()).contains("Token Guardian: guardian off");
    }

    @Test
    void aRefusalNotCausedByTimeIsRedAndPointsToTheLog() throws Exception {
        open(refused, DESK, false);

        assertThat(browser.run("return $('verdict').className")).isEqualTo("card refused");
        assertThat(text("headline")).matches("Requests do not work now\\. cp-[123] refuses the token\\.");
        assertThat(text("advice")).contains("The API server's log says why");
        assertThat(refused.local("GET", "/status.svg").body()).contains("Token Guardian: refused");
    }

    @Test
    void anUnreachableServerIsNamedWithAddressAndError() throws Exception {
        open(unreachable, DESK, false);

        String address = "127.0.0.1:" + unreachable.apiServer.port();
        assertThat(browser.run("return $('verdict').className")).isEqualTo("card unreachable");
        assertThat(text("headline") + text("sentence")).contains(address);
        assertThat(text("where")).isEqualTo("API server at " + address);
        assertThat(unreachable.local("GET", "/status.svg").body()).contains("Token Guardian: unreachable", address);
    }

    @ParameterizedTest
    @CsvSource({"before", "within"})
    void fiveReplicasFitIntoTheFirstViewOfADesktop(String when) throws Exception {
        open(worldOf(when), DESK, false);
        browser.run("source.close(); const r = report.replicas.at(-1), a = report.status.apiServers.at(-1);"
                + " while (report.replicas.length < 5) { report.replicas.push({...r, name: 'cp-' + report.replicas.length});"
                + " report.status.apiServers.push(a); } show()");

        assertThat(number("return $('clocks').children.length")).isEqualTo(6);
        assertThat(number("return $('clocks').getBoundingClientRect().bottom")).isLessThan(900);
    }

    @Test
    void at360PixelsALongNameBreaksOnlyAfterADot() throws Exception {
        open(before, POCKET, false);

        Object pieces = browser.run(
                "source.close(); report.headline ="
                        + " \"ip-10-0-12-34.eu-central-1.compute.internal's clock is slow.\"; show();"
                        + " return [...$('headline').querySelectorAll('.one')].map(e => e.textContent + e.getClientRects().length)");

        assertThat(pieces)
                .isEqualTo(new JsonArray(List.of("ip-10-0-12-34.1", "eu-central-1.1", "compute.1", "internal's1")));
        assertThat(browser.run("return document.documentElement.scrollWidth")).isEqualTo(POCKET);
    }

    @Test
    void aChangeOfTheBlamedClockIsReadAloud() throws Exception {
        open(before, DESK, false);

        browser.run("report.headline = report.headline.replace('cp-2', 'cp-1'); show()");

        assertThat(text("said"))
                .startsWith("usable, not yet valid. Requests through the proxy work now. cp-1's clock is ");
    }

    @Test
    void theTimeLeftIsNotReadAloudRepeatedly() throws Exception {
        open(before, DESK, false);
        browser.run(
                "source.close(); window.said = 0; new MutationObserver(() => said++).observe($('said'), {childList: true});"
                        + " window.heads = new Set()");

        for (int turn = 0; turn < 5; turn++) {
            browser.run("since -= 10000; tick(); heads.add($('headline').textContent); show()");
        }

        assertThat(number("return heads.size")).isGreaterThanOrEqualTo(5);
        assertThat(number("return said")).isZero();
        assertThat(text("said"))
                .startsWith("usable, not yet valid. Requests through the proxy work now. cp-2's clock is ")
                .doesNotContain("{left}");
    }

    @Test
    void withoutATokenNoBarShowsAcceptance() throws Exception {
        open(within, DESK, false);

        browser.run("source.close(); report.window = null; show()");

        assertThat(browser.run("return [...document.querySelectorAll('.bar, #legend')].every(e => e.hidden)"))
                .isEqualTo(true);
    }

    /** Events before the latest are excluded, because their sentences may contain the same advice. */
    @ParameterizedTest
    @ValueSource(strings = {"before", "within", "after", "off", "refused", "unreachable"})
    void noParagraphAppearsTwice(String when) throws Exception {
        open(worldOf(when), DESK, false);

        assertThat(repeated()).isEqualTo("");
    }

    @Test
    void anEarlierWarningAboutTheSameClockKeepsItsFigure() throws Exception {
        open(off, DESK, false);

        browser.run("source.close();"
                + "report.news.push({at: 0, verdict: 'accepted', token: 'clock', sentence: warnings()[0].replace(/[\\d.]+ s/, '31 s')});"
                + "news()");

        assertThat(text("news")).contains(" 31 s behind");
    }

    @Test
    void aWarningWithAChangedFigureIsNotRepeatedInTheEvents() throws Exception {
        open(off, DESK, false);

        browser.run("source.close();"
                + "report.news.find(n => n.token === 'clock').sentence = warnings()[0].replace(/[\\d.]+ s/, '43.7 s');"
                + "news()");

        assertThat(repeated()).isEqualTo("");
    }

    @Test
    void headerAndTitleNameThePod() throws Exception {
        open(within, DESK, false);

        assertThat(text("subject")).startsWith("in pod " + within.podName() + ", token of system:serviceaccount:");
        assertThat(browser.run("return document.title"))
                .isEqualTo("✓ accepted – " + within.podName() + " – Token Guardian");
    }

    @Test
    void eachReplicasOffsetsOfTheLastHourFormALine() throws Exception {
        open(within, DESK, false);

        assertThat(browser.run("return [...$('past').querySelectorAll('strong')].map(e => e.textContent).sort()"))
                .isEqualTo(new JsonArray(List.of("cp-1", "cp-2", "cp-3")));
        assertThat(browser.run("return [...$('past').querySelectorAll('path:last-child')].every(p =>"
                        + " /^M[\\d.]+ [\\d.]+.*H3600$/.test(p.getAttribute('d')))"))
                .isEqualTo(true);
        assertThat(text("band")).startsWith("within ±\u00a030\u00a0s");
    }

    @Test
    void offsetsMeasuredDuringAPauseAppearAfterThePause() throws Exception {
        open(within, DESK, false);
        browser.run("source.close(); $('pause').click();"
                + " const later = structuredClone(report); later.history[0].points = [[-120, 0], [-60, -75000]];"
                + " hear(JSON.stringify(later))");
        String paused = text("past");

        browser.run("$('pause').click()");

        assertThat(paused).doesNotContain("1 min 15 s behind");
        assertThat(text("past")).contains("1 min 15 s behind to same as this node");
    }

    @Test
    void theSentenceCanBeCopied(@TempDir Path directory) throws Exception {
        open(before, DESK, false);
        browser.allowClipboardAndDownloads(directory);
        browser.run("$('copy').focus(); $('copy').click()");
        await().until(() -> text("copy").equals("Copied"));

        Object copied = browser.run("return navigator.clipboard.readText()");

        assertThat(copied.toString())
                .contains("cp-2's clock is ", " in ", "refuses the token (401 Unauthorized)", "Set cp-2's clock (NTP)")
                .containsPattern("\\(Token Guardian \\S+, [-0-9T:]+Z\\)$")
                .doesNotContain("{left}");
        assertThat(text("said")).isEqualTo("Copied.");
    }

    @Test
    void thePictureCanBeSaved(@TempDir Path directory) throws Exception {
        open(before, DESK, false);
        browser.allowClipboardAndDownloads(directory);

        browser.run("$('save').click()");

        await().until(() -> saved(directory).endsWith("</svg>\n"));
        assertThat(saved(directory)).startsWith("<svg").contains("cp-2's clock is ");
    }

    @Test
    void aPictureSavedDuringAPauseShowsThePausedState(@TempDir Path directory) throws Exception {
        open(before, DESK, false);
        browser.allowClipboardAndDownloads(directory);
        browser.run("$('pause').click(); return paused.then(() => 1)");
        browser.run("window.fetch = () => Promise.reject('nobody is asked again'); $('save').click()");

        await().until(() -> saved(directory).endsWith("</svg>\n"));
        assertThat(text("save")).isIn("Saved", "Save as SVG");
    }

    @Test
    void theFooterHasTheVersionAndALinkToTheStatus() throws Exception {
        open(within, DESK, false);

        assertThat(text("version")).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(browser.run("return [...document.querySelectorAll('footer a')].map(a => a.getAttribute('href'))"))
                .isEqualTo(new JsonArray(List.of("status", "status.svg")));
        assertThat(within.local("GET", "/status.svg").body()).startsWith("<svg");
    }

    @ParameterizedTest
    @CsvSource({
        "before, 1280, false",
        "within, 360, true",
        "after, 360, true",
        "off, 1280, true",
        "off, 360, false",
        "refused, 1280, false",
        "unreachable, 360, false"
    })
    void axeFindsNothing(String when, int width, boolean dark) throws Exception {
        open(worldOf(when), width, dark);

        assertThat(browser.findings()).isEmpty();
    }

    @Test
    void at360PixelsTheHeadlineIsInTheFirstViewAndNothingIsCutOff() throws Exception {
        open(before, POCKET, false);

        assertThat(browser.run("return document.documentElement.scrollWidth")).isEqualTo(POCKET);
        assertThat(number("return $('headline').getBoundingClientRect().bottom"))
                .isLessThan(300);
        assertThat(number("return $('clocks').getBoundingClientRect().bottom"))
                .isLessThanOrEqualTo(number("return $('events').getBoundingClientRect().top"));
    }

    /** Three screens and a half: names and times differ in length. */
    @ParameterizedTest
    @ValueSource(strings = {"before", "within", "after", "off", "refused", "unreachable"})
    void onAPhoneThePageIsNotTooHigh(String when) throws Exception {
        open(worldOf(when), 390, false);

        assertThat(number("return document.documentElement.scrollHeight")).isLessThanOrEqualTo(7 * 844 / 2);
    }

    @Test
    void theDarkColourSchemeIsDark() throws Exception {
        open(before, DESK, true);

        assertThat(browser.run("return getComputedStyle(document.body).backgroundColor"))
                .asString()
                .matches("rgb\\((\\d|[1-5]\\d), (\\d|[1-5]\\d), (\\d|[1-5]\\d)\\)");
    }

    @Test
    void theKeyboardCanPauseThePage() throws Exception {
        open(within, DESK, false);

        browser.run("document.getElementById('pause').focus(); document.activeElement.click()");
        String stopped = (String) browser.run("return document.getElementById('clocks').innerText");

        assertThat(browser.run("return document.activeElement.getAttribute('aria-pressed')"))
                .isEqualTo("true");
        assertThat(browser.run("return new Promise(r => setTimeout(() =>"
                        + " r(document.getElementById('clocks').innerText), 1100))"))
                .isEqualTo(stopped);
    }

    /** Returns the paragraphs that appear twice on the page, separated by bars. */
    private static Object repeated() throws Exception {
        return browser.run("const all = [...document.querySelectorAll('h1, p')]"
                + ".filter(p => p.offsetParent && !p.closest('#clocks, .unseen, #news li ~ li'))"
                + ".map(p => p.innerText.trim().replace(/\\s+/g, ' ')).filter(t => t.length > 30);"
                + " return all.filter((t, i) => all.some((other, j) => i !== j && other.includes(t))).join(' | ')");
    }

    private static World worldOf(String when) {
        return switch (when) {
            case "before" -> before;
            case "within" -> within;
            case "off" -> off;
            case "refused" -> refused;
            case "unreachable" -> unreachable;
            default -> after;
        };
    }

    private static void open(World world, int width, boolean dark) throws Exception {
        browser.traffic();
        browser.view(width, dark);
        browser.open(URI.create("http://127.0.0.1:" + world.localPort + "/"));
        await().pollInterval(Duration.ofMillis(20)).until(() -> !word().contains("connecting"));
    }

    private static String word() throws Exception {
        return text("word");
    }

    private static String text(String id) throws Exception {
        return (String) browser.run("return document.getElementById('" + id + "').textContent");
    }

    /** Returns the message about the lost guardian; empty while the guardian is connected. */
    private static String lost() throws Exception {
        return (String) browser.run("return $('lost').hidden ? '' : $('lost').textContent");
    }

    private static double number(String script) throws Exception {
        return ((Number) browser.run(script)).doubleValue();
    }

    /** Returns the picture in {@code directory}; empty if it has none. */
    private static String saved(Path directory) throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            Path picture = files.filter(file -> file.toString().endsWith("Z.svg"))
                    .findFirst()
                    .orElse(null);
            return picture == null ? "" : Files.readString(picture);
        }
    }

    private static String face(Instant instant) {
        return instant.toString().substring(11, 19);
    }
}
