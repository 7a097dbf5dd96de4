package io.tokenguardian.cluster;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A workflow that has ended.
 *
 * @param status the workflow's status
 * @param pods the pods of its steps. The pod of Argo's agent is not among them: its token never expires, and the policy
 *     leaves it alone
 * @param log the end of the logs of a workflow that failed
 */
record ArgoRun(String name, ArgoWay way, JsonNode status, List<Pod> pods, String log) {
    private static final String GUARDIAN = "token-guardian";

    boolean succeeded() {
        return status.path("phase").asText().equals("Succeeded");
    }

    /** Returns the time from start to end by the controller's clock, in seconds. */
    double seconds() {
        return Duration.between(time("startedAt"), time("finishedAt")).toMillis() / 1000.0;
    }

    private Instant time(String field) {
        return Instant.parse(status.path(field).asText());
    }

    /** Returns the phase, the exit code, the result and the parameters of each step, by the step's name. */
    Map<String, String> results() {
        Map<String, String> results = new TreeMap<>();
        for (JsonNode node : status.path("nodes")) {
            if (!node.path("type").asText().startsWith("Step")) {
                JsonNode outputs = node.path("outputs");
                String result = Stream.concat(
                                Stream.of(node.path("phase"), outputs.path("exitCode"), outputs.path("result")),
                                outputs.path("parameters").findValues("value").stream())
                        .map(JsonNode::asText)
                        .filter(text -> !text.isEmpty())
                        .collect(joining(" "));
                results.put(node.path("displayName").asText(), result);
            }
        }
        return results;
    }

    /** Whether each pod had a guardian, in its way's mode, that exited with code 0. */
    boolean hadGuardians() {
        return !pods.isEmpty() && pods.stream().allMatch(this::hadGuardian);
    }

    private boolean hadGuardian(Pod pod) {
        Container guardian =
                pod.getSpec().getInitContainers().stream().findFirst().orElseThrow();
        return guardian.getName().equals(GUARDIAN)
                && (guardian.getStartupProbe() != null) == (way == ArgoWay.GATE)
                && exitCode(pod, GUARDIAN) == 0;
    }

    /** Whether a pod had this container. */
    boolean hadContainer(String name) {
        return pods.stream()
                .flatMap(pod -> pod.getSpec().getContainers().stream())
                .anyMatch(container -> container.getName().equals(name));
    }

    /** Returns the exit code of the container, or -1 if it has none. */
    static int exitCode(Pod pod, String container) {
        return Stream.concat(
                        pod.getStatus().getInitContainerStatuses().stream(),
                        pod.getStatus().getContainerStatuses().stream())
                .filter(status -> status.getName().equals(container))
                .map(ContainerStatus::getState)
                .filter(state -> state.getTerminated() != null)
                .map(state -> state.getTerminated().getExitCode())
                .findFirst()
                .orElse(-1);
    }

    @Override
    public String toString() {
        return "%s: %s, %s\n%s\n%s".formatted(name, status.path("phase"), status.path("message"), results(), log);
    }
}
