package io.tokenguardian.laptop;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.laptop.ParsedPod.MountedFile;
import io.tokenguardian.laptop.ParsedPod.ProjectedToken;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.Token;
import io.vertx.core.json.JsonObject;
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
 * What was found about a pod.
 *
 * @param account also missing if the pod is missing or unknown
 * @param guardian missing if the pod has none
 * @param matrix null if no token was sent
 * @param now the time on the clock of the replica from which the pod was read
 */
record PodEvidence(
        String namespace,
        String name,
        ApiReading<ParsedPod> pod,
        ApiReading<Account> account,
        ApiReading<GuardianVerdict> guardian,
        ApiReading<EventList> events,
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

    /** The verdict on the token that kubelet has put into the pod: a word of the contract, such as {@code refused}. */
    record GuardianVerdict(String verdict, String explanation) {

        /** Reads the guardian's {@code ready} health check. Throws as {@link ParsedPod#of}. */
        static GuardianVerdict of(JsonObject health) {
            JsonObject data = ParsedPod.objects(health, "checks").stream()
                    .filter(check -> "ready".equals(check.getString("name")))
                    .map(check -> check.getJsonObject("data"))
                    .findFirst()
                    .orElseThrow();
            return new GuardianVerdict(
                    Objects.requireNonNull(data.getString("verdict")),
                    Objects.requireNonNull(data.getString("explanation")));
        }
    }

    record Account(Instant created) {

        /** @throws RuntimeException as {@link ParsedPod#of} */
        static Account of(JsonObject account) {
            return new Account(Instant.parse(account.getJsonObject("metadata").getString("creationTimestamp")));
        }
    }

    String podName() {
        return namespace + "/" + name;
    }

    /** {@code NAMESPACE/NAME} of the service account. */
    String accountName() {
        ParsedPod found = pod.value();
        return namespace + "/" + (found == null ? "default" : found.serviceAccount());
    }

    /** Until when replicas with the right time accept the token; empty if the pod is not being deleted. */
    Optional<Instant> tokenEnd() {
        return Optional.ofNullable(pod.value()).map(ParsedPod::deleted).map(deleted -> deleted.plus(AFTER_DELETION));
    }

    /** Whether replicas with the right time already refuse the token of a pod that is being deleted. */
    boolean isTokenOver() {
        return tokenEnd().filter(end -> !now.isBefore(end)).isPresent();
    }

    List<Token> issued() {
        return matrix == null
                ? List.of()
                : matrix.rows().stream()
                        .map(row -> row.issued().value())
                        .filter(Objects::nonNull)
                        .toList();
    }

    List<String> lifetimes() {
        return issued().stream()
                .flatMap(token -> token.claims().lifetime().stream())
                .distinct()
                .sorted()
                .map(Seconds::text)
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
        issued().forEach(token -> audiences.addAll(token.claims().audience()));
        return audiences;
    }

    /**
     * Whether the pod was probably created under an earlier account of the same name, since no pod is created before
     * its service account.
     */
    boolean isOlderThanAccount() {
        return isOlderThanAccount(Duration.ZERO);
    }

    private boolean isOlderThanAccount(Duration margin) {
        ParsedPod found = pod.value();
        Account since = account.value();
        return found != null
                && since != null
                && since.created().isAfter(found.created().plus(margin));
    }

    /**
     * Certain: the pod is older than the account by more than the clocks differ or may have differed, and kubelet has
     * not yet replaced the first token.
     */
    boolean hasTokenOfEarlierAccount() {
        Duration spread = matrix == null ? Duration.ZERO : matrix.spread();
        Duration doubt = spread.compareTo(CLOCKS_SET_SINCE) < 0 ? CLOCKS_SET_SINCE : spread;
        ParsedPod found = pod.value();
        return found != null
                && isOlderThanAccount(doubt.plusSeconds(1))
                && now.isBefore(found.created().plus(mostOf(found.lifetime())))
                && !guardianAccepts();
    }

    /** After how much of its lifetime kubelet replaces a token, at the earliest. */
    private static Duration mostOf(Duration lifetime) {
        return lifetime.multipliedBy(4).dividedBy(5);
    }

    /** The time by which kubelet has replaced every token that it requested before the service account was created. */
    Instant replacedBy() {
        Duration use = Objects.requireNonNull(pod.value()).tokens().stream()
                .map(token -> mostOf(token.lifetime()))
                .max(Duration::compareTo)
                .filter(longest -> longest.compareTo(LONGEST_USE) < 0)
                .orElse(LONGEST_USE);
        return Objects.requireNonNull(account.value()).created().plus(use).plus(KUBELET_DELAY);
    }

    boolean guardianAccepts() {
        GuardianVerdict found = guardian.value();
        return found != null && found.verdict().equals("accepted");
    }

    /** Whether {@link #made} is certainly by the clock of the replica that issued the pod's token. */
    boolean isMadeSure() {
        return events.value() != null && events.value().made() != null;
    }

    /** When the pod was made, probably by the clock of the replica that issued its token. */
    Instant made() {
        Instant first = events.value() == null ? null : events.value().made();
        return first == null ? Objects.requireNonNull(pod.value()).created() : first;
    }

    /**
     * Returns when replicas start to accept a token that was issued while the pod was made; empty if a replica may
     * accept it now, or if the pod's guardian reports that it is accepted.
     */
    Optional<Instant> acceptedFrom() {
        ParsedPod found = pod.value();
        return found == null || found.tokens().isEmpty() || matrix == null || guardianAccepts()
                ? Optional.empty()
                : Optional.of(made().minus(matrix.leeway())).filter(from -> from.isAfter(fastestClock()));
    }

    Instant fastestClock() {
        return matrix == null
                ? now
                : matrix.byClock().stream()
                        .map(clock -> matrix.at().plus(clock.ahead().upper()))
                        .max(Comparator.naturalOrder())
                        .orElse(now);
    }

    /** Returns clauses that name what could not be examined and may hide a cause. */
    List<String> notSeen() {
        List<String> clauses = new ArrayList<>();
        if (pod.unknownBecause() != null) {
            clauses.add("the pod: " + pod.unknownBecause());
        } else if (account.unknownBecause() != null) {
            clauses.add("the service account: " + account.unknownBecause());
        }
        if (pod.value() != null) {
            notSeenInside(pod.value(), clauses);
        }
        if (isOlderThanAccount() && now.isBefore(replacedBy()) && !hasTokenOfEarlierAccount() && !guardianAccepts()) {
            clauses.add("whether the pod's token is of its service account, which seems to be younger than the pod");
        }
        if (guardian.unknownBecause() != null) {
            clauses.add("the verdict of the pod's guardian, at port 9000 of the pod through the API server: "
                    + guardian.unknownBecause());
        }
        if (matrix != null) {
            notSeenBetween(matrix, clauses);
        }
        return clauses;
    }

    private void notSeenInside(ParsedPod found, List<String> clauses) {
        boolean hasToken =
                found.tokens().stream().anyMatch(token -> isForApiServer(token).orElse(false));
        if (found.otherVolume() != null && (found.otherVolume().equals("secret") || !hasToken)) {
            clauses.add("the token at the default path: it is in a volume of the kind " + found.otherVolume());
        }
        found.tokens().stream()
                .flatMap(token -> token.files().stream())
                .filter(MountedFile::fixed)
                .forEach(file -> clauses.add("the age of " + file.path() + " in " + file.container()
                        + ": it is mounted by subPath, which kubelet never replaces"));
        found.tokens().stream()
                .filter(token -> isForApiServer(token).isEmpty())
                .forEach(token ->
                        clauses.add("whether the audience \"" + token.audience() + "\" is one of the API server's"));
    }

    private static void notSeenBetween(AcceptanceMatrix matrix, List<String> clauses) {
        matrix.rows().stream()
                .map(row -> row.issued().unknownBecause())
                .filter(Objects::nonNull)
                .distinct()
                .forEach(why -> clauses.add("whether the replicas accept a token of this pod: " + why));
        for (NamedReplica judge : matrix.replicas()) {
            int column = matrix.replicas().indexOf(judge);
            matrix.rows().stream()
                    .map(row -> row.cells().get(column))
                    .filter(cell -> cell.finding() == Finding.UNREACHABLE)
                    .findFirst()
                    .ifPresent(cell ->
                            clauses.add("whether " + judge.name() + " accepts the tokens: " + cell.explanation()));
        }
    }
}
