package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixCell;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.laptop.ParsedPod.MountedFile;
import io.tokenguardian.laptop.ParsedPod.ProjectedToken;
import io.tokenguardian.laptop.PodEvidence.Account;
import io.tokenguardian.laptop.PodEvidence.GuardianVerdict;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each cause, and the order in which the causes are checked. */
class PodDiagnosisTest {
    private static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");
    static final Instant NOW = CREATED.plusSeconds(600);
    private static final String OWN = "https://kubernetes.default.svc";
    static final Token ISSUED = issued(OWN, "key-1");
    static final ApiReading<Account> ACCOUNT = found(new Account(CREATED.minusSeconds(5)));

    private static ProjectedToken token(@Nullable String audience, String path) {
        return new ProjectedToken(audience, Duration.ofSeconds(3607), List.of(new MountedFile("main", path, false)));
    }

    private static ParsedPod pod(@Nullable Instant deleted, @Nullable String otherVolume, ProjectedToken... tokens) {
        return new ParsedPod(
                "u1", "app", "Running on node-1", CREATED, CREATED, deleted, List.of(tokens), otherVolume, false, null);
    }

    private static ParsedPod pod(ProjectedToken... tokens) {
        return pod(null, null, tokens);
    }

    static ParsedPod usualPod() {
        return pod(token(null, ParsedPod.DEFAULT_FILE));
    }

    private static ParsedPod deletedAt(Instant deleted) {
        return pod(deleted, null, token(null, ParsedPod.DEFAULT_FILE));
    }

    private static Token issued(String issuer, String keyId) {
        return TestTokens.issuedAt(NOW)
                .expiresAt(NOW.plus(Duration.ofDays(365)))
                .claim("iss", issuer)
                .audience(issuer)
                .keyId(keyId)
                .token();
    }

    static NamedReplica replica(int number, @Nullable ClockEstimate clock) {
        String name = "cp-" + number;
        return new NamedReplica(
                name, new KnownReplica("10.0.0.1:443", name, List.of(name), clock, Finding.ACCEPTED, null, NOW));
    }

    static <T> ApiReading<T> found(T value) {
        return new ApiReading<>(value, 200, "", NOW);
    }

    /**
     * Returns a replica for each token, named cp-1, cp-2 and so on. Their clocks agree, and they accept each other's
     * tokens.
     */
    static AcceptanceMatrix matrix(Token... issued) {
        List<NamedReplica> replicas = new ArrayList<>();
        List<MatrixRow> rows = new ArrayList<>();
        for (Token token : issued) {
            ClockEstimate clock = ClockEstimate.of(new Sample(NOW, NOW, NOW.minusMillis(500)));
            replicas.add(replica(replicas.size() + 1, clock));
            List<MatrixCell> cells = new ArrayList<>();
            for (int i = 0; i < issued.length; i++) {
                cells.add(MatrixCell.of(Finding.ACCEPTED));
            }
            rows.add(new MatrixRow(replicas.get(replicas.size() - 1), found(token), cells));
        }
        return new AcceptanceMatrix(replicas, rows, Duration.ofSeconds(60), NOW);
    }

    /** Sets the second replica's finding on the first replica's token. */
    static AcceptanceMatrix second(Finding finding, AcceptanceMatrix matrix) {
        matrix.rows().get(0).cells().set(1, new MatrixCell(finding, "no connection to it is open any more"));
        return matrix;
    }

    /** The result if the user lacks the right to create tokens. */
    private static AcceptanceMatrix predicted() {
        return predicted(0, predicted(1, matrix(ISSUED, ISSUED)));
    }

    /** The result if one replica has not issued a token. */
    private static AcceptanceMatrix predicted(int row, AcceptanceMatrix matrix) {
        List<MatrixRow> rows = new ArrayList<>(matrix.rows());
        String why = "user \"me\" may not create serviceaccounts/token";
        rows.set(
                row,
                new MatrixRow(
                        rows.get(row).issuer(),
                        ApiReading.unknown(why),
                        rows.get(row).cells()));
        return new AcceptanceMatrix(matrix.replicas(), rows, matrix.leeway(), matrix.at());
    }

    private static PodEvidence view(ParsedPod pod, ApiReading<Account> account, @Nullable AcceptanceMatrix matrix) {
        return new PodEvidence(
                "shop", "app-0", found(pod), account, ApiReading.missing(), ApiReading.missing(), matrix, NOW);
    }

    /** The view of a pod that does not exist. */
    static PodEvidence missing() {
        return new PodEvidence(
                "shop",
                "app-0",
                ApiReading.missing(),
                ApiReading.missing(),
                ApiReading.missing(),
                ApiReading.missing(),
                null,
                NOW);
    }

    private static PodEvidence view(ParsedPod pod) {
        return view(pod, ACCOUNT, matrix(ISSUED, ISSUED));
    }

    private static PodCause cause(PodEvidence view) {
        return PodDiagnosis.of(view).cause();
    }

    @Test
    void noFaultIsFoundIfEveryReplicaAcceptsANewToken() {
        PodDiagnosis diagnosis = PodDiagnosis.of(view(usualPod()));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.NOTHING);
        assertThat(diagnosis.sentence())
                .isEqualTo("No fault was found: a token issued for this pod now is accepted by every replica that was"
                        + " found.");
        assertThat(diagnosis.advice()).contains("which works for 365 d, and");
    }

    /** kubelet's first event was created at {@code made}. */
    private static PodDiagnosis madeAt(Instant made, ApiReading<GuardianVerdict> guardian, AcceptanceMatrix matrix) {
        return PodDiagnosis.of(new PodEvidence(
                "shop", "app-0", found(usualPod()), ACCOUNT, guardian, found(new EventList(made)), matrix, NOW));
    }

    private static PodDiagnosis madeAheadBy(int seconds) {
        return madeAt(NOW.plusSeconds(seconds), ApiReading.missing(), matrix(ISSUED, ISSUED));
    }

    /** The fastest clock is at most half a second ahead of {@code NOW}. */
    @Test
    void aPodMadeAheadOfEveryClockByMoreThanTheLeewayIsACause() {
        assertThat(madeAheadBy(60).cause()).isEqualTo(PodCause.NOTHING);
        assertThat(madeAheadBy(61).cause()).isEqualTo(PodCause.MADE_AHEAD);
        assertThat(madeAheadBy(7201).sentence())
                .isEqualTo(
                        "The pod was made while a clock was at least 2 h ahead: every replica refuses its token until"
                                + " 2026-03-01T14:09:01Z.");
        assertThat(madeAheadBy(7201).advice()).startsWith("Delete the pod, ");
    }

    @Test
    void aPodMadeAheadOfEveryClockHidesAClockThatIsBehind() {
        AcceptanceMatrix behind = second(Finding.NOT_YET_VALID, matrix(ISSUED, ISSUED));

        PodDiagnosis diagnosis = madeAt(NOW.plusSeconds(7201), ApiReading.missing(), behind);

        assertThat(diagnosis.sentence()).startsWith("The pod was made while a clock was at least 2 h ahead");
    }

    @ParameterizedTest
    @CsvSource({"accepted, GUARDIAN_ACCEPTED", "refused, GUARDIAN_REFUSED"})
    void theGuardiansVerdictCountsMoreThanWhenThePodWasMade(String verdict, PodCause cause) {
        PodDiagnosis diagnosis =
                madeAt(NOW.plusSeconds(7201), found(new GuardianVerdict(verdict, "So it is.")), matrix(ISSUED, ISSUED));

        assertThat(diagnosis.cause()).isEqualTo(cause);
    }

    @Test
    void aDeletedPodKeepsItsTokenForAMinuteAfterItsGracePeriod() {
        PodDiagnosis before = PodDiagnosis.of(view(deletedAt(NOW.minusSeconds(59))));
        PodDiagnosis after = PodDiagnosis.of(view(deletedAt(NOW.minusSeconds(60))));

        assertThat(before.cause()).isEqualTo(PodCause.POD_ENDING);
        assertThat(before.sentence())
                .isEqualTo("The pod is being deleted: its token is accepted until 2026-03-01T12:10:01Z, and refused"
                        + " from then on.");
        assertThat(after.cause()).isEqualTo(PodCause.POD_DELETED);
        assertThat(after.sentence())
                .isEqualTo("The pod is being deleted: its token has been refused since 2026-03-01T12:10:00Z.");
    }

    @Test
    void aTokenForSomebodyElseAtAnotherPathIsNoTokenForTheApiServer() {
        assertThat(cause(view(pod()))).isEqualTo(PodCause.NO_TOKEN);
        assertThat(cause(view(pod(token("vault", "/vault/token"))))).isEqualTo(PodCause.NO_TOKEN);
        assertThat(cause(view(pod(token(OWN, "/own/token"))))).isEqualTo(PodCause.NOTHING);
    }

    @Test
    void aTokenForSomebodyElseAtTheDefaultPathIsRefusedForGood() {
        PodDiagnosis diagnosis = PodDiagnosis.of(view(pod(token("api", ParsedPod.DEFAULT_FILE))));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.AUDIENCE);
        assertThat(diagnosis.sentence())
                .isEqualTo(
                        "The token at /var/run/secrets/kubernetes.io/serviceaccount/token in main is for the audience \"api\":"
                                + " the API server refuses it for good, because it accepts only"
                                + " https://kubernetes.default.svc.");
    }

    @Test
    void anAudienceIsNotJudgedIfTheApiServersOwnIsNotKnown() {
        PodEvidence view = view(pod(token("api", ParsedPod.DEFAULT_FILE)), ACCOUNT, predicted());

        assertThat(cause(view)).isEqualTo(PodCause.UNKNOWN);
        assertThat(view.notSeen()).contains("whether the audience \"api\" is one of the API server's");
    }

    @Test
    void aServiceAccountThatIsYoungerThanThePodWasCreatedAgain() {
        ApiReading<Account> again = found(new Account(CREATED.plusSeconds(302)));

        PodDiagnosis diagnosis = PodDiagnosis.of(view(usualPod(), again, matrix(ISSUED, ISSUED)));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.ACCOUNT_RECREATED);
        assertThat(diagnosis.sentence())
                .startsWith("The service account shop/app was created again at 2026-03-01T12:05:02Z, after the pod:");
    }

    /** kubelet replaces the first token after 80 % of 3607 s. */
    @Test
    void aRecreatedAccountIsUnsureOnceTheTokenMayBeReplaced() {
        ApiReading<Account> again = found(new Account(CREATED.plusSeconds(400)));

        PodEvidence before = viewAt(CREATED.plusSeconds(2885), again, ApiReading.missing());
        PodEvidence at = viewAt(CREATED.plusSeconds(2886), again, ApiReading.missing());

        assertThat(cause(before)).isEqualTo(PodCause.ACCOUNT_RECREATED);
        assertThat(cause(at)).isEqualTo(PodCause.UNKNOWN);
        assertThat(at.notSeen())
                .containsExactly(
                        "whether the pod's token is of its service account, which seems to be younger than the pod");
    }

    /** The time is 80 % of 3607 s, plus three minutes, after the account was created. */
    @Test
    void aRecreatedAccountIsNoCauseOnceTheTokenIsReplaced() {
        ApiReading<Account> again = found(new Account(CREATED.plusSeconds(400)));

        PodEvidence before = viewAt(CREATED.plusSeconds(400 + 2885 + 180), again, ApiReading.missing());
        PodEvidence over = viewAt(CREATED.plusSeconds(400 + 2886 + 180), again, ApiReading.missing());

        assertThat(cause(before)).isEqualTo(PodCause.UNKNOWN);
        assertThat(cause(over)).isEqualTo(PodCause.NOTHING);
    }

    @Test
    void aRecreatedAccountIsNoCauseIfTheGuardianAccepts() {
        ApiReading<Account> again = found(new Account(CREATED.plusSeconds(400)));

        PodEvidence view = viewAt(NOW, again, found(new GuardianVerdict("accepted", "So it is.")));

        assertThat(cause(view)).isEqualTo(PodCause.GUARDIAN_ACCEPTED);
    }

    private static PodEvidence viewAt(Instant now, ApiReading<Account> account, ApiReading<GuardianVerdict> guardian) {
        return new PodEvidence(
                "shop",
                "app-0",
                found(usualPod()),
                account,
                guardian,
                ApiReading.missing(),
                matrix(ISSUED, ISSUED),
                now);
    }

    @Test
    void timesOfCreationThatClocksExplainAreNoProof() {
        AcceptanceMatrix apart = matrix(ISSUED, ISSUED);
        ClockEstimate ahead = ClockEstimate.of(new Sample(NOW, NOW, NOW.plusMillis(349_500)));
        apart = new AcceptanceMatrix(
                List.of(apart.replicas().get(0), replica(2, ahead)), apart.rows(), apart.leeway(), NOW);

        PodEvidence within = view(usualPod(), found(new Account(CREATED.plusSeconds(351))), apart);
        PodEvidence beyond = view(usualPod(), found(new Account(CREATED.plusSeconds(352))), apart);

        assertThat(cause(within)).isEqualTo(PodCause.UNKNOWN);
        assertThat(cause(beyond)).isEqualTo(PodCause.ACCOUNT_RECREATED);
    }

    @Test
    void aPodThatIsBeingDeletedHidesNoClockBeforeItsTokenEnds() {
        PodEvidence skewed = view(deletedAt(NOW), ACCOUNT, second(Finding.NOT_YET_VALID, matrix(ISSUED, ISSUED)));
        PodEvidence refused = view(deletedAt(NOW), ACCOUNT, second(Finding.REFUSED, matrix(ISSUED, ISSUED)));

        assertThat(cause(skewed)).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(cause(refused)).isEqualTo(PodCause.POD_ENDING);
    }

    @Test
    void aTokenThatIsNeverReplacedMakesTheCauseUnknown() {
        ProjectedToken fixed = new ProjectedToken(
                null, Duration.ofSeconds(3607), List.of(new MountedFile("main", ParsedPod.DEFAULT_FILE, true)));

        assertThat(cause(view(pod(fixed)))).isEqualTo(PodCause.UNKNOWN);
        assertThat(view(pod(fixed)).notSeen())
                .containsExactly("the age of /var/run/secrets/kubernetes.io/serviceaccount/token in main: it is"
                        + " mounted by subPath, which kubelet never replaces");
    }

    @Test
    void aClockIsACauseThoughItIsOnlyPredicted() {
        PodEvidence measured = view(usualPod(), ACCOUNT, second(Finding.NOT_YET_VALID, matrix(ISSUED, ISSUED)));
        PodEvidence expired = view(usualPod(), ACCOUNT, second(Finding.EXPIRED, matrix(ISSUED, ISSUED)));
        PodEvidence predicted = view(usualPod(), ACCOUNT, second(Finding.NOT_YET_VALID, predicted()));

        assertThat(cause(measured)).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(cause(expired)).isEqualTo(PodCause.EXPIRED);
        assertThat(cause(predicted)).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(PodDiagnosis.of(measured).sentence()).contains("get 401 from cp-2");
    }

    @Test
    void aKeyThatAReplicaDoesNotHaveIsNamed() {
        Token newKey = issued(OWN, "key-2");

        PodDiagnosis diagnosis =
                PodDiagnosis.of(view(usualPod(), ACCOUNT, second(Finding.REFUSED, matrix(newKey, ISSUED))));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.KEY);
        assertThat(diagnosis.sentence())
                .isEqualTo("cp-2 does not have the key key-2, with which cp-1 signs: it refuses those tokens until it"
                        + " has that key.");
    }

    @Test
    void anIssuerThatAReplicaDoesNotTrustIsNamed() {
        Token other = issued("https://new", "key-1");

        PodDiagnosis diagnosis =
                PodDiagnosis.of(view(usualPod(), ACCOUNT, second(Finding.REFUSED, matrix(other, ISSUED))));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.ISSUER);
        assertThat(diagnosis.sentence())
                .startsWith("cp-2 does not trust the issuer https://new, which is in the tokens of cp-1:");
    }

    @Test
    void aRefusalOfATokenThatDiffersInNothingHasNoReasonThatIsKnown() {
        PodDiagnosis diagnosis =
                PodDiagnosis.of(view(usualPod(), ACCOUNT, second(Finding.REFUSED, matrix(ISSUED, ISSUED))));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.REFUSED);
        assertThat(diagnosis.sentence()).contains("for a reason other than time");
    }

    @Test
    void anotherKeyIsNoReasonIfTheReplicaRefusesItsOwnTokensToo() {
        Token newKey = issued(OWN, "key-2");
        AcceptanceMatrix matrix = second(Finding.REFUSED, matrix(newKey, ISSUED));
        matrix.rows().get(1).cells().set(1, MatrixCell.of(Finding.REFUSED));

        assertThat(cause(view(usualPod(), ACCOUNT, matrix))).isEqualTo(PodCause.REFUSED);
    }

    @Test
    void whatCouldNotBeSeenMakesTheCauseUnknown() {
        PodEvidence withoutAccount = view(usualPod(), ApiReading.unknown("not allowed"), matrix(ISSUED));
        PodEvidence withoutToken = view(usualPod(), ACCOUNT, predicted());
        PodEvidence unreachable = view(usualPod(), ACCOUNT, second(Finding.UNREACHABLE, matrix(ISSUED, ISSUED)));
        PodEvidence withoutPod = new PodEvidence(
                "shop",
                "app-0",
                ApiReading.unknown("not allowed"),
                ApiReading.missing(),
                ApiReading.missing(),
                ApiReading.missing(),
                predicted(),
                NOW);

        assertThat(List.of(withoutAccount, withoutToken, unreachable, withoutPod))
                .extracting(PodDiagnosisTest::cause)
                .containsOnly(PodCause.UNKNOWN);
        assertThat(withoutAccount.notSeen()).containsExactly("the service account: not allowed");
        assertThat(withoutToken.notSeen())
                .containsExactly("whether the replicas accept a token of this pod: user \"me\" may not create"
                        + " serviceaccounts/token");
        assertThat(unreachable.notSeen())
                .containsExactly("whether cp-2 accepts the tokens: no connection to it is open any more");
        assertThat(withoutPod.notSeen()).first().isEqualTo("the pod: not allowed");
    }

    @Test
    void theGuardianKnowsMoreThanAFreshTokenShows() {
        assertThat(guarded("accepted").cause()).isEqualTo(PodCause.GUARDIAN_ACCEPTED);
        assertThat(guarded("unreachable").cause()).isEqualTo(PodCause.NOTHING);
        assertThat(guarded("expired").cause()).isEqualTo(PodCause.GUARDIAN_EXPIRED);
        assertThat(guarded("not-yet-valid").cause()).isEqualTo(PodCause.GUARDIAN_NOT_YET_VALID);
        assertThat(guarded("unreadable").cause()).isEqualTo(PodCause.GUARDIAN_UNREADABLE);
        assertThat(guarded("refused"))
                .isEqualTo(new PodDiagnosis(
                        PodCause.GUARDIAN_REFUSED,
                        "The pod's guardian reports: So it is.",
                        "Follow the advice of check in the pod: kubectl exec -n shop app-0 -c token-guardian --"
                                + " /token-guardian check."));
    }

    private static PodDiagnosis guarded(String verdict) {
        return PodDiagnosis.of(new PodEvidence(
                "shop",
                "app-0",
                found(usualPod()),
                ACCOUNT,
                found(new GuardianVerdict(verdict, "So it is.")),
                found(new EventList(null)),
                matrix(ISSUED),
                NOW));
    }

    @Test
    void aTokenInASecretIsNotLookedAt() {
        ParsedPod secret = pod(null, "secret");

        assertThat(cause(view(secret))).isEqualTo(PodCause.UNKNOWN);
        assertThat(view(secret).notSeen())
                .containsExactly("the token at the default path: it is in a volume of the kind secret");
    }

    @Test
    void aPodMadeAheadOfItsReplicasIsACauseThoughNoTokenWasIssued() {
        assertThat(madeAt(NOW.plusSeconds(7201), ApiReading.missing(), predicted())
                        .cause())
                .isEqualTo(PodCause.MADE_AHEAD);
    }
}
