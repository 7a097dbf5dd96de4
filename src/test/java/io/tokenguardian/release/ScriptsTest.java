package io.tokenguardian.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the release scripts in a tiny repository. */
class ScriptsTest {
    private static final Path SCRIPTS = Path.of(".github/scripts").toAbsolutePath();

    @TempDir
    Path repository = Path.of("");

    @BeforeEach
    void aRepositoryOfVersion1() throws IOException {
        write("pom.xml", """
                <project>
                  <artifactId>token-guardian</artifactId>
                  <version>1.2.3</version>
                  <properties><version>9</version></properties>
                </project>
                """);
        write("CHANGELOG.md", """
                # Changelog

                ## [Unreleased]

                ## [1.2.3] - 2026-11-26

                ### Added

                - A thing, [linked](README.md).

                ## [1.2.2] - 2026-10-01

                - Another.

                [Unreleased]: ../../compare/v1.2.3...HEAD
                [1.2.3]: ../../releases/tag/v1.2.3
                """);
        write("k8s/pod.yaml", "image: token-guardian:1.2.3\n");
        write("k8s/injection/parameters.yaml", "  image: token-guardian:1.2.3\n");
        write("k8s/helm/token-guardian/Chart.yaml", "name: token-guardian\nversion: 1.2.3\nappVersion: \"1.2.3\"\n");
        write(
                "docs/kubernetes.md",
                "The image is `token-guardian:1.2.3`, or registry.example.com/token-guardian:1.2.3.\n");
        write("k8s/gitops/argo-cd.yaml", "    targetRevision: 1.2.3\n");
        write("k8s/gitops/flux.yaml", "    tag: 1.2.3\n");
        write("README.md", "    newTag: \"1.2.3\"\n");
        write("LICENSE", "You may.\n");
    }

    private void write(String name, String text) throws IOException {
        Path file = repository.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Ran run(String script, String... arguments) throws Exception {
        return run(Map.of(), script, arguments);
    }

    private Ran run(Map<String, String> environment, String script, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = SCRIPTS.resolve(script).toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Ran.in(repository, environment, command);
    }

    /**
     * Puts a program with this name first in the PATH. It prints its arguments, and then runs the shell commands in
     * {@code says}.
     */
    private Map<String, String> withFake(String name, String says) throws IOException {
        Path directory = Files.createDirectories(repository.resolve("bin"));
        Path program = Files.writeString(directory.resolve(name), "#!/bin/sh\nprintf '<%s>' \"$@\"\necho\n" + says);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Map.of("PATH", directory + ":" + System.getenv("PATH"));
    }

    @Test
    void aTagThatMatchesTheVersionEverywherePasses() throws Exception {
        Ran ran = run("check-version", "v1.2.3");

        assertThat(ran).isEqualTo(new Ran(0, ""));
    }

    @Test
    void thisRepositoryHasTheVersionOfItsPomEverywhere() throws Exception {
        String script = SCRIPTS.resolve("check-version").toString();

        assertThat(Ran.in(Path.of(""), Map.of(), script, "v" + version())).isEqualTo(new Ran(0, ""));
    }

    /** Returns the version in this repository's pom. */
    private static String version() throws IOException {
        return Files.readString(Path.of("pom.xml")).replaceFirst("(?s).*?\n  <version>([^<]*)</version>.*", "$1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pom.xml|<version>1.2.3<|<version>1.2.3-SNAPSHOT<|pom.xml: 1.2.3-SNAPSHOT, not 1.2.3",
                "CHANGELOG.md|## [1.2.3] - 2026-11-26|## [1.2.3]|CHANGELOG.md: 1.2.2, not 1.2.3",
                "k8s/pod.yaml|1.2.3|latest|k8s/pod.yaml:1: latest, not 1.2.3",
                "k8s/injection/parameters.yaml|1.2.3|1.2.2|k8s/injection/parameters.yaml:1: 1.2.2, not 1.2.3",
                "k8s/gitops/argo-cd.yaml|1.2.3|1.2.2|k8s/gitops/argo-cd.yaml:1: 1.2.2, not 1.2.3",
                "k8s/gitops/flux.yaml|1.2.3|1.2.2|k8s/gitops/flux.yaml:1: 1.2.2, not 1.2.3",
                "k8s/helm/token-guardian/Chart.yaml|version: 1.2.3|version: 1.2.4|"
                        + "k8s/helm/token-guardian/Chart.yaml, version: 1.2.4, not 1.2.3",
                "k8s/helm/token-guardian/Chart.yaml|\"1.2.3\"|\"1.2.2\"|"
                        + "k8s/helm/token-guardian/Chart.yaml, appVersion: 1.2.2, not 1.2.3",
                "docs/kubernetes.md|example.com/token-guardian:1.2.3|example.com/token-guardian:1.2.4|"
                        + "docs/kubernetes.md:1: 1.2.4, not 1.2.3",
                "README.md|1.2.3|1.2.2|README.md:1: 1.2.2, not 1.2.3",
            })
    void eachPlaceWithAnotherVersionIsNamed(String file, String old, String other, String said) throws Exception {
        String text = Files.readString(repository.resolve(file));
        assertThat(text).contains(old);
        write(file, text.replace(old, other));

        Ran ran = run("check-version", "v1.2.3");

        assertThat(ran).isEqualTo(new Ran(1, said + "\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2.3", "v1.2", "v1.2.3-SNAPSHOT", "v1.2.3-rc.1", "v1.2.3.4", "main"})
    void aTagThatNamesNoVersionIsRefused(String tag) throws Exception {
        Ran ran = run("check-version", tag);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.output()).isEqualTo("check-version: " + tag + " is not a version's tag, such as v0.1.0\n");
    }

    @Test
    void theNotesAreTheVersionsSectionOfTheChangelog() throws Exception {
        Ran ran = run("notes", "1.2.3");

        assertThat(ran).isEqualTo(new Ran(0, "### Added\n\n- A thing, [linked](README.md).\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2.4", "1x2.3", "Unreleased"})
    void aVersionWithoutNotesIsRefused(String version) throws Exception {
        Ran ran = run("notes", version);

        assertThat(ran).isEqualTo(new Ran(1, "notes: CHANGELOG.md says nothing of " + version + "\n"));
    }

    @Test
    void thisRepositorysChangelogHasNotesForTheVersionOfItsPom() throws Exception {
        Ran ran = Ran.in(Path.of(""), Map.of(), SCRIPTS.resolve("notes").toString(), version());

        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("### Added").doesNotContain("## [");
    }

    private void executables() throws IOException {
        for (String arch : List.of("amd64", "arm64")) {
            write("built/executable-" + arch + "/token-guardian-1.2.3-runner", "for " + arch);
            write("built/executable-" + arch + "/token-guardian.cdx.json", "{}");
            write("built/executable-" + arch + "/token-guardian-cli.jar", "jar");
        }
        for (String file : List.of("kubectl-token_guardian", "token-guardian.yaml")) {
            write("krew/" + file, Files.readString(Path.of("krew", file)));
        }
    }

    @Test
    void eachProcessorsArchiveHasTheExecutableAndTheLicence() throws Exception {
        executables();

        Ran ran = run("pack", "1.2.3", "built", "assets");

        assertThat(ran).isEqualTo(new Ran(0, """
                assets/token-guardian-1.2.3-linux-amd64.tar.gz
                assets/token-guardian-1.2.3-linux-arm64.tar.gz
                assets/token-guardian-1.2.3-java.tar.gz
                """));
        Ran unpacked = Ran.in(
                repository,
                Map.of(),
                "tar",
                "--extract",
                "--verbose",
                "--file",
                "assets/token-guardian-1.2.3-linux-arm64.tar.gz");
        assertThat(unpacked).isEqualTo(new Ran(0, "LICENSE\ntoken-guardian\n"));
        assertThat(repository.resolve("token-guardian")).hasContent("for arm64").isExecutable();
        assertThat(repository.resolve("assets/token-guardian-1.2.3-linux-arm64.cdx.json"))
                .exists();
    }

    /** Both names of the launcher are links, as krew creates them. */
    @Test
    void theArchiveForMacOsStartsItsJarAsAKubectlPlugin() throws Exception {
        executables();
        run("pack", "1.2.3", "built", "assets");
        Path store = Files.createDirectories(repository.resolve("the store"));
        Path bin = Files.createDirectories(repository.resolve("bin"));
        Path link = Files.createSymbolicLink(bin.resolve("kubectl-token_guardian"), bin.resolve("first"));
        Files.createSymbolicLink(bin.resolve("first"), Path.of("../the store/kubectl-token_guardian"));
        String archive = repository + "/assets/token-guardian-1.2.3-java.tar.gz";

        Ran unpacked = Ran.in(store, Map.of(), "tar", "--extract", "--verbose", "--file", archive);
        Ran ran = Ran.in(repository, withFake("java", "exit 7\n"), link.toString(), "explain", "a b");

        assertThat(unpacked).isEqualTo(new Ran(0, "LICENSE\ntoken-guardian-cli.jar\nkubectl-token_guardian\n"));
        assertThat(ran)
                .isEqualTo(new Ran(
                        7,
                        "<-Dtoken-guardian.executable=" + link + "><-jar><" + bin
                                + "/../the store/token-guardian-cli.jar><explain><a b>\n"));
    }

    @Test
    void krewFindsEachArchiveOfTheReleaseByItsNameAndChecksum() throws Exception {
        executables();
        run("pack", "1.2.3", "built", "assets");

        Ran ran = run("krew", "1.2.3", "assets");

        assertThat(ran).isEqualTo(new Ran(0, ""));
        JsonNode spec = new ObjectMapper(new YAMLFactory())
                .readTree(repository.resolve("assets/krew.yaml").toFile())
                .path("spec");
        assertThat(spec.path("version").asText()).isEqualTo("v1.2.3");
        assertThat(spec.path("platforms")).hasSize(3).allSatisfy(platform -> {
            String uri = platform.path("uri").asText();
            assertThat(uri).startsWith(spec.path("homepage").asText() + "/releases/download/v1.2.3/token-guardian-");
            String name = uri.substring(uri.lastIndexOf('/') + 1);
            assertThat(platform.path("sha256").asText())
                    .isEqualTo(sha256(
                            Files.readAllBytes(repository.resolve("assets").resolve(name))));
            assertThat(Ran.in(repository, Map.of(), "tar", "--list", "--file", "assets/" + name)
                            .output()
                            .lines())
                    .contains(platform.path("bin").asText());
        });
    }

    @Test
    void theSameExecutablesGiveTheSameArchives() throws Exception {
        executables();
        run("pack", "1.2.3", "built", "assets");
        executables(); // with a different modification time

        run("pack", "1.2.3", "built", "again");

        assertThat(repository.resolve("again/token-guardian-1.2.3-linux-amd64.tar.gz"))
                .hasSameBinaryContentAs(repository.resolve("assets/token-guardian-1.2.3-linux-amd64.tar.gz"));
    }

    @Test
    void withoutAnExecutableNoArchiveIsPacked() throws Exception {
        Files.createDirectory(repository.resolve("built"));

        Ran ran = run("pack", "1.2.3", "built", "assets");

        assertThat(ran).isEqualTo(new Ran(1, "pack: no built/executable-ARCH/*-runner\n"));
    }

    @Test
    void theChecksumsCoverEveryFileExceptTheirOwn() throws Exception {
        write("assets/one", "1");
        write("assets/two", "2");
        run("checksums", "assets");

        Ran ran = run("checksums", "assets");

        assertThat(ran).isEqualTo(new Ran(0, ""));
        assertThat(repository.resolve("assets/SHA256SUMS"))
                .hasContent(sha256("1") + "  one\n" + sha256("2") + "  two\n");
    }

    private static String sha256(String text) throws Exception {
        return sha256(text.getBytes(UTF_8));
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void theReleaseHasTheNotesAndAllFiles() throws Exception {
        write("assets/one two", "1");
        write("assets/SHA256SUMS", "2");

        Ran ran = run(withFake("gh", "cat \"$8\"\n"), "publish", "v1.2.3", "assets");

        assertThat(ran.output().replaceAll("<[^<>]*/tmp[.]\\w+>", "<FILE>")).isEqualTo("""
                <release><create><v1.2.3><--verify-tag><--title><Token Guardian 1.2.3><--notes-file><FILE>\
                <assets/SHA256SUMS><assets/one two>
                ### Added

                - A thing, [linked](README.md).
                """);
    }

    /** The chart in a checkout names no registry. */
    @Test
    void thePackedChartNamesTheImageThatIsPublished() throws Exception {
        String values = Files.readString(Path.of("k8s/helm/token-guardian/values.yaml"));
        write("k8s/helm/token-guardian/values.yaml", values);
        write("k8s/helm/token-guardian/Chart.yaml", "images: |\n  - image: token-guardian:1.2.2\n");
        Map<String, String> environment = withFake("helm", """
                for directory in "$2" "$3"; do
                    test ! -d "$directory" || cat "$directory/values.yaml"
                    test ! -d "$directory" || cat "$directory/Chart.yaml"
                done
                """);

        Ran ran = run(environment, "chart", "pack", "1.2.3", "target", "ghcr.io/o/token-guardian");

        String released = values.replace("registry: \"\"", "registry: ghcr.io")
                        .replace("repository: token-guardian", "repository: o/token-guardian")
                + "images: |\n  - image: ghcr.io/o/token-guardian:1.2.3\n";
        assertThat(ran.output().replaceAll("<[^<]*/token-guardian>", "<CHART>"))
                .isEqualTo("<lint><--strict><CHART>\n" + released
                        + "<package><CHART><--version><1.2.3><--app-version><1.2.3><--destination><target>\n"
                        + released);
        assertThat(ran.exitCode()).isZero();
    }

    /** What skopeo does, the exit code, and how often the registry gets the image. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "echo list|0|0",
                "echo other|1|0",
                "echo reading manifest 1.2.3: manifest unknown >&2; exit 1|0|1",
                "echo connection refused >&2; exit 1|1|0",
            })
    void anImagesTagIsNeverOverwritten(String registry, int exitCode, int sent) throws Exception {
        String published = sha256("<inspect><--raw><docker://ghcr.io/o/token-guardian:1.2.3>\nlist\n");
        withFake("skopeo", registry + "\n");
        Map<String, String> environment = withFake("buildah", "printf sha256:" + published + " > \"$7\"\n");

        Ran ran = run(environment, "image", "push", "built", "docker://ghcr.io/o/token-guardian:1.2.3");

        assertThat(ran.exitCode()).as(ran.output()).isEqualTo(exitCode);
        assertThat(ran.output()
                        .lines()
                        .filter(line -> line.startsWith("<manifest><push>") && line.contains("<docker:")))
                .hasSize(sent);
    }

    @ParameterizedTest
    @CsvSource({"values, 0", "other, 1"})
    void aChartsVersionIsNeverOverwritten(String content, int exitCode) throws Exception {
        write("token-guardian/values.yaml", "values");
        write("published/token-guardian/values.yaml", content);
        String archive = "token-guardian-1.2.3.tgz";
        Ran.in(repository, Map.of(), "tar", "--create", "--file", archive, "token-guardian");
        Ran.in(
                repository,
                Map.of(),
                "tar",
                "--create",
                "--directory",
                "published",
                "--file",
                "there",
                "token-guardian");
        Map<String, String> environment = withFake("helm", """
                [ "$1" = pull ] || exit 7
                cp there "$6/token-guardian-1.2.3.tgz"
                echo Digest: sha256:1 >&2
                """);

        Ran ran = run(environment, "chart", "push", archive, "oci://ghcr.io/o/charts");

        assertThat(ran.exitCode()).as(ran.output()).isEqualTo(exitCode);
    }

    @Test
    void theChartsDigestBecomesAnOutputOfTheStep() throws Exception {
        String digest = "sha256:" + sha256("chart");
        Path output = Files.createFile(repository.resolve("output"));
        Map<String, String> environment = new HashMap<>(
                withFake("helm", "[ $1 = push ] || { echo not found; exit 1; }\necho Digest: " + digest + " >&2\n"));
        environment.put("GITHUB_OUTPUT", output.toString());

        Ran ran = run(environment, "chart", "push", "token-guardian-1.2.3.tgz", "oci://ghcr.io/o/charts");

        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(output).hasContent("digest=" + digest + "\n");
    }

    @Test
    void aRegistrysNameIsInLowerCase() throws Exception {
        Ran ran = run(Map.of("REGISTRY", "ghcr.io/Some-Owner"), "registry", "name");

        assertThat(ran).isEqualTo(new Ran(0, "ghcr.io/some-owner\n"));
    }

    @Test
    void eachBaseImageGetsTheDigestOfItsTag() throws Exception {
        String old = "@sha256:" + "0".repeat(64);
        write("Dockerfile.native", """
                FROM scratch AS base-amd64
                FROM registry.example/base:2.0%s AS base-arm64
                FROM registry.example/builder:25-ol9 AS builder
                FROM base-${TARGETARCH} AS base
                """.formatted(old));
        write(
                "pom.xml",
                "<quarkus.native.builder-image>registry.example/builder:25-ol9</quarkus.native.builder-image>\n");
        Ran before = run("base-images", "check");

        Ran ran = run(withFake("skopeo", "echo \"$3\"\n"), "base-images", "pin");

        assertThat(before.exitCode()).isEqualTo(1);
        assertThat(before.output()).startsWith("registry.example/builder:25-ol9\nbase-images: no digest");
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(run("base-images", "check")).isEqualTo(new Ran(0, ""));
        String builder = "registry.example/builder:25-ol9@sha256:" + pinned("registry.example/builder:25-ol9");
        assertThat(repository.resolve("Dockerfile.native"))
                .hasContent("""
                FROM scratch AS base-amd64
                FROM registry.example/base:2.0@sha256:%s AS base-arm64
                FROM %s AS builder
                FROM base-${TARGETARCH} AS base
                """.formatted(pinned("registry.example/base:2.0"), builder));
        assertThat(repository.resolve("pom.xml"))
                .hasContent("<quarkus.native.builder-image>" + builder + "</quarkus.native.builder-image>\n");
    }

    /** The checksum of what the fake skopeo prints: its arguments, and the image's name. */
    private static String pinned(String image) throws Exception {
        return sha256("<inspect><--raw><docker://" + image + ">\ndocker://" + image + "\n");
    }

    @Test
    void everyFuzzTestIsListed() throws Exception {
        write("src/test/java/a/OneFuzzTest.java", """
                class OneFuzzTest {
                    @FuzzTest(maxDuration = "5m")
                    void first(byte[] bytes) {
                        check();
                    }

                    private void check() {}

                    @FuzzTest(maxDuration = "5m")
                    @DictionaryEntries({
                        "aud",
                    })
                    void second(byte[] bytes) {
                    }

                    void third() {}
                }
                """);

        Ran ran = run("fuzz", "list");

        assertThat(ran).isEqualTo(new Ran(0, "[\"OneFuzzTest#first\",\"OneFuzzTest#second\"]\n"));
    }

    /** Java sources use the word for other things, and the scripts name the placeholder itself. */
    @Test
    void theOwnerIsEnteredInEveryFileOfThisRepository() throws Exception {
        Path copy = repository.resolve("copy");
        for (String name : List.of(".ci", ".github", "bench", "docs", "k8s", "krew", "src/main/resources")) {
            copy(Path.of(name), copy);
        }
        copy(Path.of("src/test/resources"), copy);
        try (Stream<Path> files = Files.list(Path.of(""))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copy(file, copy);
            }
        }
        Files.writeString(copy.resolve("docs/one.md"), "OWNER\n");
        String script = SCRIPTS.resolve("owner").toString();
        Ran before = Ran.in(copy, Map.of(), script, "check");

        Ran ran = Ran.in(copy, Map.of(), script, "set", "Some-Owner");

        assertThat(before.exitCode()).isEqualTo(1);
        assertThat(before.output()).contains("docs/one.md:1:OWNER\n").endsWith("see RELEASING.md\n");
        assertThat(ran).isEqualTo(new Ran(0, ""));
        assertThat(Ran.in(copy, Map.of(), script, "check")).isEqualTo(new Ran(0, ""));
        assertThat(copy.resolve("docs/one.md")).hasContent("Some-Owner\n");
        assertThat(Ran.in(copy, Map.of(), "grep", "-rlw", "--exclude-dir=scripts", "OWNER", "."))
                .isEqualTo(new Ran(1, ""));
        assertThat(copy.resolve("k8s/monitoring/rules.yaml"))
                .content()
                .contains("https://github.com/Some-Owner/token-guardian/blob/main/docs/troubleshooting.md#");
    }

    private static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copied = target.resolve(file);
                Files.createDirectories(copied.getParent());
                Files.copy(file, copied);
            }
        }
    }
}
