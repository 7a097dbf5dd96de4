package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.Needed;
import io.tokenguardian.testing.Command;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds the image from {@code Dockerfile.native} with buildah, without a registry, and runs it with runc as in a pod.
 */
@Tag("root")
@EnabledIfSystemProperty(
        named = "native.image.path",
        matches = ".+",
        disabledReason = "the image has the native executable")
class ImageIT {
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String NAME = "localhost/token-guardian";

    @TempDir
    static Path directory;

    private static Path files;
    private static JsonObject config;

    /**
     * The build context contains only the files that {@code .dockerignore} admits from a clone with a built executable.
     */
    @BeforeAll
    static void build() throws Exception {
        Path executable = Path.of(System.getProperty("native.image.path"));
        Path libraries = executable.resolveSibling("token-guardian.cdx.json");
        Needed.isThere("root".equals(System.getProperty("user.name")), "root, for runc and buildah");
        Needed.isThere(Files.exists(libraries), "./mvnw package -Dnative, for the list of libraries");
        Path context = directory.resolve("context");
        Path target = Files.createDirectories(context.resolve("target"));
        for (String name : List.of("Dockerfile.native", ".dockerignore", "LICENSE")) {
            Files.copy(Path.of(name), context.resolve(name));
        }
        Files.copy(executable, target.resolve("token-guardian-runner"));
        Files.copy(libraries, target.resolve(libraries.getFileName()));

        files = directory.resolve("files");
        List<String> build = new ArrayList<>(List.of("build", "--isolation", "chroot", "--pull=never"));
        build.addAll(List.of("--file", "Dockerfile.native", "--target", "prebuilt"));
        buildah(context, build, "--tag", NAME, ".");
        buildah(context, build, "--output", "type=local,dest=" + files, ".");
        // buildah allows only root to enter the directory, but all users may enter a container's root directory.
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxr-xr-x"));
        config = new JsonObject(buildah(context, List.of("inspect", "--type", "image"), NAME))
                .getJsonObject("OCIv1")
                .getJsonObject("config");
    }

    private static String buildah(Path context, List<String> command, String... more) throws Exception {
        List<String> line = new ArrayList<>(List.of(Needed.onPath("buildah", "buildah"), "--storage-driver", "vfs"));
        line.addAll(List.of("--root", directory.resolve("images").toString()));
        line.addAll(List.of("--runroot", directory.resolve("run").toString()));
        line.addAll(command);
        line.addAll(List.of(more));
        return Command.run(new ProcessBuilder(line).directory(context.toFile()));
    }

    @Test
    void theExecutableIsTheOnlyProgramInTheImage() throws Exception {
        try (Stream<Path> all = Files.walk(files)) {
            assertThat(all.filter(Files::isRegularFile).map(file -> "/" + files.relativize(file)))
                    .containsExactlyInAnyOrder(
                            "/token-guardian",
                            "/token-guardian.cdx.json",
                            "/licenses/LICENSE",
                            "/etc/passwd",
                            "/etc/group");
        }
        assertThat(config.getString("User")).isEqualTo("65532:65532");
        assertThat(config.getJsonObject("Labels").getString("org.opencontainers.image.licenses"))
                .isEqualTo("Apache-2.0");
        assertThat(new JsonObject(Files.readString(files.resolve("token-guardian.cdx.json"))).getString("bomFormat"))
                .isEqualTo("CycloneDX");
    }

    @Test
    void theContainerHoldsARequestUntilAcceptanceAndEndsOnSigterm(@TempDir Path pod) throws Exception {
        // The token is refused for nine minutes. With a shorter hold timeout the request would not be held at all.
        try (World world = World.of(1, pod).breakReplica(0).set("GUARDIAN_PROXY_HOLD_TIMEOUT", "20m");
                Container container = Container.start(pod.resolve("bundle"), world)) {
            // Refused
            await().until(() -> container.program().out().contains("verdict=not-yet-valid"));
            assertThat(world.health("started")).isEqualTo(503);

            // Held
            CompletableFuture<HttpResponse<String>> held = request(world);
            await().until(() -> world.status().getJsonObject("proxy").getInteger("holding") == 1);

            // Accepted
            world.healReplica(0);
            ServeIT.awaitReady(world);

            // Proxied
            assertThat(held.get().statusCode()).isEqualTo(200);
            assertThat(held.get().headers().firstValue("token-guardian"))
                    .get()
                    .asString()
                    .startsWith("held=");
            assertThat(world.proxied("/api").statusCode()).isEqualTo(200);

            container.program().terminate();

            Program.Ended ended = container.program().ended();
            assertThat(ended.exitCode()).as(ended.toString()).isZero();
            assertThat(ended.err()).isEmpty();
        }
    }

    private static CompletableFuture<HttpResponse<String>> request(World world) {
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + world.proxyPort + "/api"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** A container that runs the image in the host network, without capabilities and with a read-only root. */
    private record Container(Program program, Path state, String id) implements AutoCloseable {

        static Container start(Path bundle, World world) throws Exception {
            Files.createDirectories(bundle);
            String runc = Needed.onPath("runc", "runc");
            Command.run(new ProcessBuilder(runc, "spec").directory(bundle.toFile()));
            Path file = bundle.resolve("config.json");
            Files.writeString(
                    file, spec(new JsonObject(Files.readString(file)), world).encode());
            Path state = bundle.resolve("state");
            String id = "token-guardian-" + ProcessHandle.current().pid();
            Program program = Program.startOther(
                    List.of(runc, "--root", state.toString()), Map.of(), "run", "--bundle", bundle.toString(), id);
            return new Container(program, state, id);
        }

        private static JsonObject spec(JsonObject spec, World world) {
            JsonArray environment = new JsonArray().add("HOSTNAME=pod");
            world.set("GUARDIAN_TOKEN_PATH", SERVICE_ACCOUNT + "/token")
                    .environment()
                    .forEach((name, value) -> environment.add(name + "=" + value));
            spec.getJsonObject("process")
                    .put("terminal", false)
                    .put("user", new JsonObject().put("uid", 65_532).put("gid", 65_532))
                    .put("args", config.getJsonArray("Entrypoint"))
                    .put("env", environment)
                    .put("capabilities", new JsonObject());
            spec.put("root", new JsonObject().put("path", files.toString()).put("readonly", true));
            spec.getJsonArray("mounts")
                    .add(new JsonObject()
                            .put("destination", SERVICE_ACCOUNT)
                            .put("type", "bind")
                            .put("source", world.volume.directory().toString())
                            .put("options", new JsonArray().add("rbind").add("ro")));
            JsonArray namespaces = spec.getJsonObject("linux").getJsonArray("namespaces");
            for (int i = namespaces.size() - 1; i >= 0; i--) {
                if ("network".equals(namespaces.getJsonObject(i).getString("type"))) {
                    namespaces.remove(i);
                }
            }
            return spec;
        }

        @Override
        public void close() {
            program.close();
            try {
                new ProcessBuilder("runc", "--root", state.toString(), "delete", "--force", id)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
