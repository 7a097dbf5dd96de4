package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.Needed;
import io.tokenguardian.testing.Command;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds the image from {@code Dockerfile.native} with buildah, without a registry. {@code HelmIT} and others run the
 * executable as in a pod.
 */
@Tag("root")
@EnabledIfSystemProperty(
        named = "native.image.path",
        matches = ".+",
        disabledReason = "the image has the native executable")
class ImageIT {
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
        Needed.isThere("root".equals(System.getProperty("user.name")), "root, for buildah");
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
        assertThat(config.getJsonArray("Entrypoint")).containsExactly("/token-guardian");
        assertThat(config.getString("User")).isEqualTo("65532:65532");
        assertThat(config.getJsonObject("Labels").getString("org.opencontainers.image.licenses"))
                .isEqualTo("Apache-2.0");
    }

    @Test
    void theBillOfMaterialsNamesTheJdkAndItsCLibraries() throws Exception {
        JsonObject bill = new JsonObject(Files.readString(files.resolve("token-guardian.cdx.json")));

        Stream<String> components = bill.getJsonArray("components").stream()
                .map(JsonObject.class::cast)
                .map(component -> component.getString("name") + " " + component.getString("version"));
        assertThat(components.filter(component -> component.matches("(openjdk|zlib) [1-9][0-9]*([.][0-9]+)+")))
                .hasSize(2);
    }
}
