package io.tokenguardian.crosscheck;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.crosscheck.AcceptanceMatrix.IssuedToken;
import io.tokenguardian.crosscheck.AcceptanceMatrix.Row;
import io.tokenguardian.crosscheck.PodFacts.Account;
import io.tokenguardian.crosscheck.PodFacts.Guardian;
import io.tokenguardian.crosscheck.PodFacts.MountedFile;
import io.tokenguardian.crosscheck.PodFacts.ProjectedToken;
import io.tokenguardian.token.PrintableText;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why a pod's requests get 401, as text and as JSON: first the cause and what to do, then all that was seen. */
public final class PodReport {
    private final PodView view;
    private final PodDiagnosis diagnosis;

    /** The verdicts of the replicas; null if no token was sent to them. */
    private final @Nullable CrossCheckReport acceptance;

    private record Line(String about, String finding) {}

    PodReport(PodView view, @Nullable CrossCheckReport acceptance) {
        this.view = view;
        this.diagnosis = PodDiagnosis.of(view);
        this.acceptance = acceptance;
    }

    public PodCause cause() {
        return diagnosis.cause();
    }

    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(PrintableText.of(diagnosis.sentence())).append('\n');
        text.append(PrintableText.of(diagnosis.advice())).append("\n\n");
        Stream.concat(lines().stream(), view.notSeen().stream().map(clause -> new Line("Not seen", clause)))
                .forEach(line -> text.append(String.format(Locale.ROOT, "%-12s", line.about()))
                        .append(PrintableText.of(line.finding()))
                        .append('\n'));
        if (acceptance != null) {
            text.append('\n');
            acceptance.table().forEach(row -> text.append(row.stripTrailing()).append('\n'));
        }
        return text.toString();
    }

    public JsonObject json() {
        JsonArray findings = new JsonArray();
        lines().forEach(line ->
                findings.add(new JsonObject().put("about", line.about()).put("finding", line.finding())));
        return new JsonObject()
                .put("cause", diagnosis.cause().word())
                .put("explanation", diagnosis.sentence())
                .put("advice", diagnosis.advice())
                .put("pod", view.podName())
                .put("findings", findings)
                .put("notSeen", new JsonArray(view.notSeen()))
                .put("acceptance", acceptance == null ? null : acceptance.json());
    }

    private List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        PodFacts pod = view.pod().value();
        if (pod != null) {
            lines.add(new Line("Pod", pod(pod)));
            pod.tokens().forEach(token -> lines.add(new Line("Token", token(token))));
            Guardian guardian = view.guardian().value();
            if (guardian != null) {
                lines.add(new Line("Guardian", guardian.explanation()));
            }
            if (pod.condition() != null) {
                lines.add(new Line("Condition", pod.condition()));
            }
        }
        Account account = view.account().value();
        if (account != null) {
            lines.add(new Line("Account", view.accountName() + ", created " + account.created() + order()));
        }
        List<String> lifetimes = lifetimes(view);
        if (pod != null && !lifetimes.isEmpty()) {
            lines.add(new Line(
                    "Lifetime",
                    "a token of " + pod.lifetime().toSeconds() + " s, as kubelet requests it, is accepted for "
                            + String.join(" or ", lifetimes)));
        }
        if (acceptance != null) {
            SkewSentence skew = new SkewSentence(acceptance.matrix());
            if (!skew.sentence().equals(diagnosis.sentence())) {
                String said = skew.sentence() + " " + skew.advice();
                lines.add(new Line("Replicas", predicted(acceptance.matrix().rows()) + said.strip()));
            }
        }
        lines.add(new Line("403", "after a 403 look at roles: the token was accepted, and the account lacks a right"));
        return lines;
    }

    private static String predicted(List<Row> rows) {
        long measured = rows.stream().filter(Row::isMeasured).count();
        return measured == rows.size() ? "" : (measured == 0 ? "" : "partly ") + "predicted from their clocks: ";
    }

    private String pod(PodFacts pod) {
        return view.podName() + ", " + pod.where() + ", created " + pod.created()
                + view.tokenEnd()
                        .map(end -> ", being deleted: its token ends at " + end
                                + ", or at once if it is deleted again without a grace period")
                        .orElse("");
    }

    private String order() {
        return switch (view.order()) {
            case ACCOUNT_FIRST -> "";
            case POD_FIRST -> ", after the pod: kubelet has replaced the pod's token by " + view.replacedBy();
            case UNKNOWN -> ", perhaps after the pod";
        };
    }

    private static String token(ProjectedToken token) {
        String files = token.files().isEmpty()
                ? "mounted nowhere"
                : token.files().stream()
                        .collect(Collectors.groupingBy(
                                MountedFile::path,
                                Collectors.mapping(MountedFile::container, Collectors.joining(", "))))
                        .entrySet()
                        .stream()
                        .map(each -> each.getKey() + " in " + each.getValue())
                        .sorted()
                        .collect(Collectors.joining(" and "));
        String audience = token.audience() == null ? "the API server" : "the audience \"" + token.audience() + "\"";
        return files + ": for " + audience + ", requested for "
                + token.lifetime().toSeconds() + " s";
    }

    /** How long the tokens are accepted that were issued, in words, each length once. */
    static List<String> lifetimes(PodView view) {
        return view.issued().stream()
                .map(IssuedToken::lifetime)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .map(Seconds::text)
                .toList();
    }
}
