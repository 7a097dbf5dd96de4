package io.tokenguardian.laptop;

import io.tokenguardian.laptop.AcceptanceMatrix.Cell;
import io.tokenguardian.laptop.AcceptanceMatrix.IssuedToken;
import io.tokenguardian.laptop.AcceptanceMatrix.Row;
import io.tokenguardian.laptop.PodFacts.Account;
import io.tokenguardian.laptop.PodFacts.Guardian;
import io.tokenguardian.laptop.PodFacts.MountedFile;
import io.tokenguardian.laptop.PodFacts.ProjectedToken;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * @param account also missing if the pod is missing or unknown
 * @param guardian missing if the pod has none
 * @param events the guardian's, newest first; unknown if kubelet's can't be read either
 * @param matrix null if no token was sent
 * @param now the time on the clock of the replica from which the pod was read
 */
record PodView(
        String namespace,
        String name,
        LookedUp<PodFacts> pod,
        LookedUp<Account> account,
        LookedUp<Guardian> guardian,
        LookedUp<List<GuardianEvent>> events,
        @Nullable AcceptanceMatrix matrix,
        Instant now) {

    /** How long after its {@code deletionTimestamp} a pod's token is still accepted (docs/api-server.md). */
    private static final Duration AFTER_DELETION = Duration.ofSeconds(60);

    /**
     * The longest time for which kubelet uses a token. It replaces a token after 80 % of the token's lifetime or after
     * 24 h, whichever comes first. It may be late by up to {@link #KUBELET_DELAY}.
     */
    private static final Duration LONGEST_USE = Duration.ofHours(24);

    private static final Duration KUBELET_DELAY = Duration.ofMinutes(3);

    /** How far apart clocks may once have been, even if they agree now. */
    private static final Duration CLOCKS_SET_SINCE = Duration.ofMinutes(5);

    /** Which was created first: the service account or the pod. */
    enum Order {
        ACCOUNT_FIRST,
        POD_FIRST,

        /** The pod is older, but by less than the replicas' clocks differ now or may have differed before. */
        UNKNOWN
    }

    String podName() {
        return namespace + "/" + name;
    }

    /** {@code NAMESPACE/NAME} of the service account. */
    String accountName() {
        PodFacts facts = pod.value();
        return namespace + "/" + (facts == null ? "default" : facts.serviceAccount());
    }

    /** Until when replicas with the right time accept the token; empty if the pod is not being deleted. */
    Optional<Instant> tokenEnd() {
        return Optional.ofNullable(pod.value()).map(PodFacts::deleted).map(deleted -> deleted.plus(AFTER_DELETION));
    }

    List<IssuedToken> issued() {
        return matrix == null
                ? List.of()
                : matrix.rows().stream()
                        .map(Row::issued)
                        .filter(Objects::nonNull)
                        .toList();
    }

    /** Whether {@code token} is for the API server; empty if the server's own audiences are not known. */
    Optional<Boolean> isForApiServer(ProjectedToken token) {
        if (token.audience() == null) {
            return Optional.of(true);
        }
        Set<String> own = ownAudiences();
        return own.isEmpty() ? Optional.empty() : Optional.of(own.contains(token.audience()));
    }

    /** The API server's own audiences; empty if they are not known. */
    Set<String> ownAudiences() {
        Set<String> audiences = new LinkedHashSet<>();
        issued().forEach(token -> audiences.addAll(token.audience()));
        return audiences;
    }

    /**
     * Returns the order of creation. No pod is created before its service account. A pod that is older than its account
     * must therefore have been created under an earlier account of the same name.
     */
    Order order() {
        PodFacts facts = pod.value();
        Account since = account.value();
        if (facts == null || since == null || !since.created().isAfter(facts.created())) {
            return Order.ACCOUNT_FIRST;
        }
        Duration spread = matrix == null ? Duration.ZERO : new SkewSentence(matrix).spread();
        Duration doubt = spread.compareTo(CLOCKS_SET_SINCE) < 0 ? CLOCKS_SET_SINCE : spread;
        Instant certain = facts.created().plus(doubt).plusSeconds(1);
        return since.created().isAfter(certain) ? Order.POD_FIRST : Order.UNKNOWN;
    }

    /** Certain: the pod is older than the account, and kubelet has not yet replaced the first token. */
    boolean hasTokenOfEarlierAccount() {
        return order() == Order.POD_FIRST && now.isBefore(firstReplacement()) && !guardianAccepts();
    }

    /** The guardian's verdict, or its last event about the token if the verdict can't be read. */
    Optional<Guardian> guardianReport() {
        List<GuardianEvent> found = events.value();
        return Optional.ofNullable(guardian.value())
                .or(() -> found == null
                        ? Optional.empty()
                        : found.stream()
                                .map(GuardianEvent::verdict)
                                .flatMap(Optional::stream)
                                .findFirst());
    }

    /**
     * Returns when replicas start to accept a token that was issued while the pod was made; empty if a replica may
     * accept it now, or if the pod's guardian reports that it is accepted.
     */
    Optional<Instant> acceptedFrom() {
        PodFacts facts = pod.value();
        return facts == null || facts.tokens().isEmpty() || matrix == null || guardianAccepts()
                ? Optional.empty()
                : Optional.of(facts.made().minus(matrix.leeway())).filter(from -> from.isAfter(fastestClock()));
    }

    /** The time on the fastest of the replicas' clocks. */
    Instant fastestClock() {
        return matrix == null
                ? now
                : matrix.replicas().stream()
                        .map(replica -> replica.offset(matrix.at()))
                        .filter(Objects::nonNull)
                        .map(offset -> matrix.at().plus(offset.upper()))
                        .max(Comparator.naturalOrder())
                        .orElse(now);
    }

    boolean guardianAccepts() {
        Guardian found = guardian.value();
        return found != null && found.verdict().equals("accepted");
    }

    /** The earliest time at which kubelet replaces the pod's first token. */
    private Instant firstReplacement() {
        PodFacts facts = Objects.requireNonNull(pod.value());
        return facts.created().plus(facts.lifetime().multipliedBy(4).dividedBy(5));
    }

    /** Whether replicas with the right time already refuse the token of a pod that is being deleted. */
    boolean isTokenOver() {
        return tokenEnd().filter(end -> !now.isBefore(end)).isPresent();
    }

    /** The time by which kubelet has replaced every token that it requested before the service account was created. */
    Instant replacedBy() {
        PodFacts facts = Objects.requireNonNull(pod.value());
        Duration use = facts.tokens().stream()
                .map(token -> token.lifetime().multipliedBy(4).dividedBy(5))
                .max(Duration::compareTo)
                .orElse(LONGEST_USE);
        Account since = Objects.requireNonNull(account.value());
        return since.created()
                .plus(use.compareTo(LONGEST_USE) < 0 ? use : LONGEST_USE)
                .plus(KUBELET_DELAY);
    }

    /** Returns clauses that name what could not be examined and may hide a cause. */
    List<String> notSeen() {
        List<String> clauses = new ArrayList<>();
        PodFacts facts = pod.value();
        if (pod.unknownBecause() != null) {
            clauses.add("the pod: " + pod.unknownBecause());
        } else if (account.unknownBecause() != null) {
            clauses.add("the service account: " + account.unknownBecause());
        }
        if (facts != null) {
            notSeenInside(facts, clauses);
        }
        if (order() == Order.UNKNOWN && now.isBefore(replacedBy())) {
            clauses.add(
                    "whether the service account is older than the pod: the replicas' clocks differ, or may have differed, by more than"
                            + " the times of creation do");
        }
        if (order() == Order.POD_FIRST
                && now.isBefore(replacedBy())
                && !hasTokenOfEarlierAccount()
                && !guardianAccepts()) {
            clauses.add("whether kubelet has replaced the token since the service account was created again");
        }
        if (guardian.unknownBecause() != null) {
            clauses.add("the verdict of the pod's guardian, at port 9000 of the pod through the API server: "
                    + guardian.unknownBecause());
        }
        if (matrix != null) {
            matrix.rows().stream()
                    .map(Row::predictedBecause)
                    .filter(Objects::nonNull)
                    .distinct()
                    .forEach(why -> clauses.add("whether the replicas accept a token of this pod: " + why));
            for (MetReplica replica : matrix.replicas()) {
                unreachable(matrix, replica)
                        .ifPresent(why -> clauses.add("whether " + replica.name() + " accepts the tokens: " + why));
            }
        }
        return clauses;
    }

    private void notSeenInside(PodFacts facts, List<String> clauses) {
        boolean hasToken =
                facts.tokens().stream().anyMatch(token -> isForApiServer(token).orElse(false));
        if (facts.otherVolume() != null && (facts.otherVolume().equals("secret") || !hasToken)) {
            clauses.add("the token at the default path: it is in a volume of the kind " + facts.otherVolume());
        }
        facts.tokens().stream()
                .flatMap(token -> token.files().stream())
                .filter(MountedFile::fixed)
                .forEach(file -> clauses.add("the age of " + file.path() + " in " + file.container()
                        + ": it is mounted by subPath, which kubelet never replaces"));
        facts.tokens().stream()
                .filter(token -> isForApiServer(token).isEmpty())
                .forEach(token ->
                        clauses.add("whether the audience \"" + token.audience() + "\" is one of the API server's"));
    }

    private static Optional<String> unreachable(AcceptanceMatrix matrix, MetReplica replica) {
        int column = matrix.replicas().indexOf(replica);
        return matrix.rows().stream()
                .map(row -> row.cells().get(column))
                .filter(cell -> cell.finding() == Finding.UNREACHABLE)
                .map(Cell::explanation)
                .findFirst();
    }
}
