package io.tokenguardian.it;

import io.tokenguardian.HangDetector;
import io.tokenguardian.Needed;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A headless Chromium, driven by ChromeDriver over plain WebDriver. Both come from Debian packages. */
final class Browser implements AutoCloseable {
    private static final Path AXE = Path.of("src/test/clients/node_modules/axe-core/axe.min.js");
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

    private final Process driver;
    private final URI session;
    private final HttpClient http = HttpClient.newHttpClient();

    private Browser(String chromium, Process driver, URI base, Path profile) throws IOException, InterruptedException {
        this.driver = driver;
        JsonObject options = new JsonObject()
                .put("binary", chromium)
                .put(
                        "args",
                        new JsonArray(List.of(
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--disable-dev-shm-usage",
                                "--user-data-dir=" + profile)));
        JsonObject capabilities = new JsonObject()
                .put("goog:chromeOptions", options)
                .put("goog:loggingPrefs", new JsonObject().put("browser", "ALL"));
        JsonObject made = send(
                        base.resolve("/session"),
                        new JsonObject().put("capabilities", new JsonObject().put("alwaysMatch", capabilities)))
                .getJsonObject("value");
        this.session = base.resolve("/session/" + made.getString("sessionId") + "/");
    }

    /** Starts the browser. Skips or fails the test if the browser is not installed. */
    static Browser start(Path profile) throws IOException, InterruptedException {
        String chromium = Needed.onPath("chromium", "chromium");
        String chromeDriver = Needed.onPath("chromedriver", "chromium-driver");
        Needed.isThere(Files.isReadable(AXE), "cd src/test/clients && npm ci");
        Process driver = new ProcessBuilder(chromeDriver, "--port=0")
                .redirectErrorStream(true)
                .start();
        try {
            return new Browser(chromium, driver, URI.create("http://127.0.0.1:" + port(driver) + "/"), profile);
        } catch (IOException | InterruptedException | RuntimeException e) {
            driver.destroyForcibly();
            throw e;
        }
    }

    private static String port(Process driver) throws IOException {
        BufferedReader said = driver.inputReader(StandardCharsets.UTF_8);
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                return started.group(1);
            }
        }
        throw new IOException("chromedriver did not start");
    }

    void open(URI page) throws IOException, InterruptedException {
        post("url", new JsonObject().put("url", page.toString()));
    }

    /** Sets the width of the viewport and the preferred colour scheme. */
    void view(int width, boolean dark) throws IOException, InterruptedException {
        devTools(
                "Emulation.setDeviceMetricsOverride",
                new JsonObject()
                        .put("width", width)
                        .put("height", 900)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", width < 500));
        devTools(
                "Emulation.setEmulatedMedia",
                new JsonObject()
                        .put(
                                "features",
                                new JsonArray()
                                        .add(new JsonObject()
                                                .put("name", "prefers-color-scheme")
                                                .put("value", dark ? "dark" : "light"))));
    }

    /**
     * Returns what a screen reader reads: the role and name of each node of the accessibility tree, one node per line.
     */
    String spoken() throws IOException, InterruptedException {
        JsonArray nodes =
                devTools("Accessibility.getFullAXTree", new JsonObject()).getJsonArray("nodes");
        StringBuilder spoken = new StringBuilder();
        for (Object each : nodes) {
            JsonObject node = (JsonObject) each;
            JsonObject name = node.getJsonObject("name");
            String role = node.getJsonObject("role", new JsonObject()).getString("value", "");
            if (!node.getBoolean("ignored") && name != null && !role.equals("InlineTextBox")) {
                spoken.append(role).append(": ").append(name.getValue("value")).append('\n');
            }
        }
        return spoken.toString();
    }

    Object run(String script) throws IOException, InterruptedException {
        return post("execute/sync", new JsonObject().put("script", script).put("args", new JsonArray()))
                .getValue("value");
    }

    /** Returns the violations that axe finds on the page; empty without any. */
    String findings() throws IOException, InterruptedException {
        run(Files.readString(AXE));
        String script = "const done = arguments[0]; axe.run().then(r => done(JSON.stringify(r.violations.map(v =>"
                + " v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200) + ' ' + n.failureSummary).join(' | ')))),"
                + " e => done('' + e))";
        Object found = post(
                        "execute/async", new JsonObject().put("script", script).put("args", new JsonArray()))
                .getValue("value");
        return found.equals("[]") ? "" : found.toString();
    }

    /**
     * Returns the pages' console messages since the last call. Excludes those of Chromium's start page, which complains
     * about a slow network on a busy machine.
     */
    List<String> console() throws IOException, InterruptedException {
        return post("se/log", new JsonObject().put("type", "browser")).getJsonArray("value").stream()
                .map(entry -> ((JsonObject) entry).getString("message"))
                .filter(message -> !message.startsWith("chrome://"))
                .toList();
    }

    private JsonObject devTools(String command, JsonObject parameters) throws IOException, InterruptedException {
        return post("goog/cdp/execute", new JsonObject().put("cmd", command).put("params", parameters))
                .getJsonObject("value");
    }

    private JsonObject post(String command, JsonObject body) throws IOException, InterruptedException {
        return send(session.resolve(command), body);
    }

    private JsonObject send(URI command, JsonObject body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(command)
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(HangDetector.TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(command + ": " + answer.body());
        }
        return new JsonObject(answer.body());
    }

    @Override
    public void close() {
        try {
            http.send(
                    HttpRequest.newBuilder(URI.create(session.toString().replaceAll("/$", "")))
                            .DELETE()
                            .timeout(HangDetector.TIMEOUT)
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            driver.descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        driver.destroy();
    }
}
