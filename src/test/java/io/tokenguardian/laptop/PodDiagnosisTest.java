package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each cause, and the order in which the causes are checked. */
class PodDiagnosisTest {
    private static final Instant CREATED = Instant.parse("2026-03-01T12:00:00Z");
    static final Instant NOW = CREATED.plusSeconds(600);
    private static final String OWN = "https://kubernetes.default.svc";
    static final IssuedToken ISSUED = new IssuedToken(OWN, "key-1", List.of(OWN), Duration.ofDays(365));
    static final LookedUp<Account> ACCOUNT = LookedUp.found(new Account(CREATED.minusSeconds(5), null));

    private static ProjectedToken token(@Nullable String audience, String path) {
        return new ProjectedToken(audience, Duration.ofSeconds(3607), List.of(new MountedFile("main", path, false)));
    }

    private static PodFacts pod(ProjectedToken... tokens) {
        return new PodFacts(
                "u1",
                "app",
                "Running on node-1",
                false,
                CREATED,
                CREATED,
                CREATED,
                false,
                null,
                null,
                List.of(tokens),
                null,
                false,
                null);
    }

    static PodFacts usualPod() {
        return pod(token(null, PodFacts.DEFAULT_FILE));
    }

    private static PodFacts deletedAt(Instant deleted) {
        return new PodFacts(
                "u1",
                "app",
                "Running on node-1",
                false,
                CREATED,
                CREATED,
                CREATED,
                false,
                deleted,
                null,
                usualPod().tokens(),
                null,
                false,
                null);
    }

    /**
     * Returns a replica for each token, named cp-1, cp-2 and so on. Their clocks agree, and they accept each other's
     * tokens.
     */
    static AcceptanceMatrix matrix(IssuedToken... issued) {
        List<MetReplica> replicas = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        for (IssuedToken token : issued) {
            ClockEstimate clock = ClockEstimate.of(new Sample(NOW, NOW, NOW.minusMillis(500)));
            replicas.add(new MetReplica("cp-" + (replicas.size() + 1), List.of(), clock));
            List<Cell> cells = new ArrayList<>();
            for (int i = 0; i < issued.length; i++) {
                cells.add(new Cell(Finding.ACCEPTED, null, ""));
            }
            rows.add(new Row(replicas.get(replicas.size() - 1), cells, null, token));
        }
        return new AcceptanceMatrix(replicas, rows, Duration.ofSeconds(60), NOW);
    }

    /** Sets the second replica's finding on the first replica's token. */
    static AcceptanceMatrix second(Finding finding, AcceptanceMatrix matrix) {
        matrix.rows().get(0).cells().set(1, new Cell(finding, null, "no connection to it is open any more"));
        return matrix;
    }

    /** The result if the user lacks the right to create tokens. */
    private static AcceptanceMatrix predicted() {
        return predicted(0, predicted(1, matrix(ISSUED, ISSUED)));
    }

    /** The result if one replica has not issued a token. */
    private static AcceptanceMatrix predicted(int row, AcceptanceMatrix matrix) {
        List<Row> rows = new ArrayList<>(matrix.rows());
        String why = "user \"me\" may not create serviceaccounts/token";
        rows.set(row, new Row(rows.get(row).issuer(), rows.get(row).cells(), why, null));
        return new AcceptanceMatrix(matrix.replicas(), rows, matrix.leeway(), matrix.at());
    }

    private static PodView view(PodFacts pod, LookedUp<Account> account, @Nullable AcceptanceMatrix matrix) {
        return new PodView(
                "shop", "app-0", LookedUp.found(pod), account, LookedUp.missing(), LookedUp.missing(), matrix, NOW);
    }

    /** The view of a pod that does not exist. */
    static PodView missing() {
        return new PodView(
                "shop",
                "app-0",
                LookedUp.missing(),
                LookedUp.missing(),
                LookedUp.missing(),
                LookedUp.missing(),
                null,
                NOW);
    }

    private static PodView view(PodFacts pod) {
        return view(pod, ACCOUNT, matrix(ISSUED, ISSUED));
    }

    private static PodCause cause(PodView view) {
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

    /** The fastest clock is at most half a second ahead of {@code NOW}. */
    @Test
    void aPodMadeAheadOfEveryClockByMoreThanTheLeewayIsACause() {
        PodDiagnosis within = PodDiagnosis.of(view(usualPod().madeAt(NOW.plusSeconds(60))));
        PodDiagnosis beyond = PodDiagnosis.of(view(usualPod().madeAt(NOW.plusSeconds(61))));
        PodDiagnosis hours = PodDiagnosis.of(view(usualPod().madeAt(NOW.plusSeconds(7201))));

        assertThat(within.cause()).isEqualTo(PodCause.NOTHING);
        assertThat(beyond.cause()).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(hours.sentence())
                .isEqualTo(
                        "The pod was made while a clock was at least 2 h ahead: every replica refuses its token until"
                                + " 2026-03-01T14:09:01Z.");
        assertThat(hours.advice()).startsWith("Delete the pod, ");
    }

    @Test
    void aPodMadeAheadOfEveryClockHidesAClockThatIsBehind() {
        AcceptanceMatrix behind = second(Finding.NOT_YET_VALID, matrix(ISSUED, ISSUED));

        PodDiagnosis diagnosis = PodDiagnosis.of(view(usualPod().madeAt(NOW.plusSeconds(7201)), ACCOUNT, behind));

        assertThat(diagnosis.sentence()).startsWith("The pod was made while a clock was at least 2 h ahead");
    }

    @Test
    void aPodMadeAheadOfItsReplicasIsACauseThoughNoTokenWasIssued() {
        assertThat(cause(view(usualPod().madeAt(NOW.plusSeconds(7201)), ACCOUNT, predicted())))
                .isEqualTo(PodCause.NOT_YET_VALID);
    }

    @Test
    void theGuardiansVerdictCountsMoreThanWhenThePodWasMade() {
        PodFacts ahead = usualPod().madeAt(NOW.plusSeconds(7201));

        PodDiagnosis accepted = guarded(ahead, LookedUp.found(new Guardian("accepted", "So it is.")));
        PodDiagnosis refused = guarded(ahead, LookedUp.found(new Guardian("refused", "So it is.")));

        assertThat(accepted.sentence())
                .isEqualTo("Nothing is wrong with this pod's token: the pod's guardian reports that it is accepted.");
        assertThat(refused.cause()).isEqualTo(PodCause.REFUSED);
    }

    @Test
    void theGuardiansLastEventAboutTheTokenCountsWithoutItsVerdict() {
        GuardianEvent clock = new GuardianEvent("ReplicaClockOff", "A clock is off.", NOW, 1);
        GuardianEvent waits = new GuardianEvent("TokenNotYetValid", "It waits.", NOW, 1);
        GuardianEvent accepted = new GuardianEvent("TokenAccepted", "It is.", NOW, 1);

        PodDiagnosis waiting = guarded(usualPod(), LookedUp.unknown("silent"), clock, waits, accepted);
        PodDiagnosis over = guarded(usualPod(), LookedUp.unknown("silent"), accepted, waits);

        assertThat(waiting)
                .returns(PodCause.NOT_YET_VALID, PodDiagnosis::cause)
                .returns("The pod's guardian reports: It waits.", PodDiagnosis::sentence);
        assertThat(over.cause()).isEqualTo(PodCause.UNKNOWN);
    }

    @Test
    void aPodThatIsNotThereIsTheFirstCause() {
        PodView view = missing();

        assertThat(PodDiagnosis.of(view).cause()).isEqualTo(PodCause.POD_MISSING);
        assertThat(PodDiagnosis.of(view).sentence()).startsWith("There is no pod shop/app-0: ");
        assertThat(view.notSeen()).isEmpty();
    }

    @Test
    void aDeletedPodKeepsItsTokenForAMinuteAfterItsGracePeriod() {
        PodDiagnosis before = PodDiagnosis.of(view(deletedAt(NOW.minusSeconds(59))));
        PodDiagnosis after = PodDiagnosis.of(view(deletedAt(NOW.minusSeconds(60))));

        assertThat(before.cause()).isEqualTo(PodCause.POD_DELETED);
        assertThat(before.sentence())
                .isEqualTo("The pod is being deleted: its token is accepted until 2026-03-01T12:10:01Z, and refused"
                        + " from then on.");
        assertThat(after.cause()).isEqualTo(PodCause.POD_DELETED);
        assertThat(after.sentence())
                .isEqualTo("The pod is being deleted: its token has been refused since 2026-03-01T12:10:00Z.");
    }

    @Test
    void whoSwitchedTheTokenOffIsSaid() {
        PodFacts off = new PodFacts(
                "u1", "app", "Running", false, CREATED, CREATED, CREATED, false, null, false, List.of(), null, false,
                null);
        LookedUp<Account> accountOff = LookedUp.found(new Account(CREATED, false));

        assertThat(PodDiagnosis.of(view(off)))
                .returns(PodCause.NO_TOKEN, PodDiagnosis::cause)
                .returns(
                        "kubelet gives the pod no token for the API server: automountServiceAccountToken is false in the pod.",
                        PodDiagnosis::sentence);
        assertThat(PodDiagnosis.of(view(pod(), accountOff, matrix(ISSUED))).sentence())
                .endsWith("automountServiceAccountToken is false in the service account shop/app.");
        assertThat(PodDiagnosis.of(view(pod())).sentence()).endsWith("none of its volumes has one.");
    }

    @Test
    void aStaticPodIsNotToldToMountAToken() {
        PodDiagnosis diagnosis = PodDiagnosis.of(staticPod(null));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.NO_TOKEN);
        assertThat(diagnosis.sentence()).endsWith("it is a static pod, which has no service account.");
        assertThat(diagnosis.advice()).doesNotContain("automount", "project");
    }

    @Test
    void aStaticPodMayHaveATokenFromItsNode() {
        assertThat(cause(staticPod("hostPath"))).isEqualTo(PodCause.UNKNOWN);
    }

    private static PodView staticPod(@Nullable String volume) {
        PodFacts facts = new PodFacts(
                "u1", "default", "Running", true, CREATED, CREATED, CREATED, false, null, null, List.of(), volume,
                false, null);
        return view(facts, LookedUp.unknown("a static pod has none"), predicted());
    }

    @Test
    void aTokenForSomebodyElseAtAnotherPathIsNoTokenForTheApiServer() {
        assertThat(cause(view(pod(token("vault", "/vault/token"))))).isEqualTo(PodCause.NO_TOKEN);
        assertThat(cause(view(pod(token(OWN, "/own/token"))))).isEqualTo(PodCause.NOTHING);
    }

    @Test
    void aTokenForSomebodyElseAtTheDefaultPathIsRefusedForGood() {
        PodDiagnosis diagnosis = PodDiagnosis.of(view(pod(token("api", PodFacts.DEFAULT_FILE))));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.AUDIENCE);
        assertThat(diagnosis.sentence())
                .isEqualTo(
                        "The token at /var/run/secrets/kubernetes.io/serviceaccount/token in main is for the audience \"api\":"
                                + " the API server refuses it for good, because it accepts only"
                                + " https://kubernetes.default.svc.");
    }

    @Test
    void anAudienceIsNotJudgedIfTheApiServersOwnIsNotKnown() {
        PodView view = view(pod(token("api", PodFacts.DEFAULT_FILE)), ACCOUNT, predicted());

        assertThat(cause(view)).isEqualTo(PodCause.UNKNOWN);
        assertThat(view.notSeen()).contains("whether the audience \"api\" is one of the API server's");
    }

    @Test
    void aServiceAccountThatIsGoneIsACause() {
        PodDiagnosis diagnosis = PodDiagnosis.of(view(usualPod(), LookedUp.missing(), null));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.ACCOUNT_MISSING);
        assertThat(diagnosis.sentence()).startsWith("There is no service account shop/app: ");
    }

    @Test
    void aServiceAccountThatIsYoungerThanThePodWasCreatedAgain() {
        LookedUp<Account> again = LookedUp.found(new Account(CREATED.plusSeconds(302), null));

        PodDiagnosis diagnosis = PodDiagnosis.of(view(usualPod(), again, matrix(ISSUED, ISSUED)));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.ACCOUNT_RECREATED);
        assertThat(diagnosis.sentence())
                .startsWith("The service account shop/app was created again at 2026-03-01T12:05:02Z, after the pod:");
    }

    /** kubelet replaces the first token after 80 % of 3607 s. */
    @Test
    void aRecreatedAccountIsUnsureOnceTheTokenMayBeReplaced() {
        LookedUp<Account> again = LookedUp.found(new Account(CREATED.plusSeconds(400), null));

        PodView before = viewAt(CREATED.plusSeconds(2885), again, LookedUp.missing());
        PodView at = viewAt(CREATED.plusSeconds(2886), again, LookedUp.missing());

        assertThat(cause(before)).isEqualTo(PodCause.ACCOUNT_RECREATED);
        assertThat(cause(at)).isEqualTo(PodCause.UNKNOWN);
        assertThat(at.notSeen())
                .containsExactly("whether kubelet has replaced the token since the service account was created again");
    }

    /** The time is 80 % of 3607 s, plus three minutes, after the account was created. */
    @Test
    void aRecreatedAccountIsNoCauseOnceTheTokenIsReplaced() {
        LookedUp<Account> again = LookedUp.found(new Account(CREATED.plusSeconds(400), null));

        PodView before = viewAt(CREATED.plusSeconds(400 + 2885 + 180), again, LookedUp.missing());
        PodView over = viewAt(CREATED.plusSeconds(400 + 2886 + 180), again, LookedUp.missing());

        assertThat(cause(before)).isEqualTo(PodCause.UNKNOWN);
        assertThat(cause(over)).isEqualTo(PodCause.NOTHING);
    }

    @Test
    void aRecreatedAccountIsNoCauseIfTheGuardianAccepts() {
        LookedUp<Account> again = LookedUp.found(new Account(CREATED.plusSeconds(400), null));

        PodView view = viewAt(NOW, again, LookedUp.found(new Guardian("accepted", "So it is.")));

        assertThat(cause(view)).isEqualTo(PodCause.NOTHING);
    }

    private static PodView viewAt(Instant now, LookedUp<Account> account, LookedUp<Guardian> guardian) {
        return new PodView(
                "shop",
                "app-0",
                LookedUp.found(usualPod()),
                account,
                guardian,
                LookedUp.missing(),
                matrix(ISSUED, ISSUED),
                now);
    }

    /** Clocks that agree now may have been five minutes apart when the account and the pod were created. */
    @Test
    void timesOfCreationThatClocksMayHaveExplainedAreNoProof() {
        PodView within =
                view(usualPod(), LookedUp.found(new Account(CREATED.plusSeconds(301), null)), matrix(ISSUED, ISSUED));
        PodView beyond =
                view(usualPod(), LookedUp.found(new Account(CREATED.plusSeconds(302), null)), matrix(ISSUED, ISSUED));

        assertThat(cause(within)).isEqualTo(PodCause.UNKNOWN);
        assertThat(within.notSeen()).anyMatch(clause -> clause.startsWith("whether the service account is older"));
        assertThat(cause(beyond)).isEqualTo(PodCause.ACCOUNT_RECREATED);
    }

    @Test
    void timesOfCreationThatClocksExplainAreNoProof() {
        AcceptanceMatrix apart = matrix(ISSUED, ISSUED);
        ClockEstimate ahead = ClockEstimate.of(new Sample(NOW, NOW, NOW.plusMillis(349_500)));
        apart = new AcceptanceMatrix(
                List.of(apart.replicas().get(0), new MetReplica("cp-2", List.of(), ahead)),
                apart.rows(),
                apart.leeway(),
                NOW);

        PodView within = view(usualPod(), LookedUp.found(new Account(CREATED.plusSeconds(351), null)), apart);
        PodView beyond = view(usualPod(), LookedUp.found(new Account(CREATED.plusSeconds(352), null)), apart);

        assertThat(cause(within)).isEqualTo(PodCause.UNKNOWN);
        assertThat(cause(beyond)).isEqualTo(PodCause.ACCOUNT_RECREATED);
    }

    @Test
    void aPodThatIsBeingDeletedHidesNoClockBeforeItsTokenEnds() {
        PodView skewed = view(deletedAt(NOW), ACCOUNT, second(Finding.NOT_YET_VALID, matrix(ISSUED, ISSUED)));
        PodView refused = view(deletedAt(NOW), ACCOUNT, second(Finding.REFUSED, matrix(ISSUED, ISSUED)));

        assertThat(cause(skewed)).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(cause(refused)).isEqualTo(PodCause.POD_DELETED);
    }

    @Test
    void aPredictedExpiryIsNoCause() {
        assertThat(cause(view(usualPod(), ACCOUNT, second(Finding.EXPIRED, predicted()))))
                .isEqualTo(PodCause.UNKNOWN);
    }

    @Test
    void aPredictedExpiryIsNoCauseBesideMeasuredRows() {
        AcceptanceMatrix predicted = second(Finding.EXPIRED, predicted(0, matrix(ISSUED, ISSUED)));
        AcceptanceMatrix measured = second(Finding.EXPIRED, predicted(1, matrix(ISSUED, ISSUED)));

        assertThat(cause(view(usualPod(), ACCOUNT, predicted))).isEqualTo(PodCause.UNKNOWN);
        assertThat(cause(view(usualPod(), ACCOUNT, measured))).isEqualTo(PodCause.EXPIRED);
    }

    @Test
    void aPredictedExpiryHidesNoClock() {
        AcceptanceMatrix matrix = second(Finding.EXPIRED, predicted());
        matrix.rows().get(1).cells().set(0, new Cell(Finding.NOT_YET_VALID, Duration.ofSeconds(90), ""));

        PodDiagnosis diagnosis = PodDiagnosis.of(view(usualPod(), ACCOUNT, matrix));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(diagnosis.sentence())
                .contains("get 401 from cp-1", "cp-2 is not known: the API server may extend their lifetime.")
                .doesNotContain("before their token expires");
    }

    @Test
    void anIssuerMayBeAKeyTooIfBothDiffer() {
        IssuedToken other = new IssuedToken("https://new", "key-2", List.of("https://new"), Duration.ofDays(365));

        assertThat(PodDiagnosis.of(view(usualPod(), ACCOUNT, second(Finding.REFUSED, matrix(other, ISSUED))))
                        .sentence())
                .startsWith("cp-2 does not trust the issuer https://new, or does not have the key key-2, which is in");
    }

    @Test
    void aTokenThatIsNeverReplacedMakesTheCauseUnknown() {
        ProjectedToken fixed = new ProjectedToken(
                null, Duration.ofSeconds(3607), List.of(new MountedFile("main", PodFacts.DEFAULT_FILE, true)));

        assertThat(cause(view(pod(fixed)))).isEqualTo(PodCause.UNKNOWN);
        assertThat(view(pod(fixed)).notSeen())
                .containsExactly("the age of /var/run/secrets/kubernetes.io/serviceaccount/token in main: it is"
                        + " mounted by subPath, which kubelet never replaces");
    }

    @Test
    void aClockIsACauseThoughItIsOnlyPredicted() {
        PodView measured = view(usualPod(), ACCOUNT, second(Finding.NOT_YET_VALID, matrix(ISSUED, ISSUED)));
        PodView expired = view(usualPod(), ACCOUNT, second(Finding.EXPIRED, matrix(ISSUED, ISSUED)));
        PodView predicted = view(usualPod(), ACCOUNT, second(Finding.NOT_YET_VALID, predicted()));

        assertThat(cause(measured)).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(cause(expired)).isEqualTo(PodCause.EXPIRED);
        assertThat(cause(predicted)).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(PodDiagnosis.of(measured).sentence()).contains("get 401 from cp-2");
    }

    @Test
    void aKeyThatAReplicaDoesNotHaveIsNamed() {
        IssuedToken newKey = new IssuedToken(OWN, "key-2", List.of(OWN), Duration.ofDays(365));

        PodDiagnosis diagnosis =
                PodDiagnosis.of(view(usualPod(), ACCOUNT, second(Finding.REFUSED, matrix(newKey, ISSUED))));

        assertThat(diagnosis.cause()).isEqualTo(PodCause.KEY);
        assertThat(diagnosis.sentence())
                .isEqualTo("cp-2 does not have the key key-2, with which cp-1 signs: it refuses those tokens until it"
                        + " has that key.");
    }

    @Test
    void anIssuerThatAReplicaDoesNotTrustIsNamed() {
        IssuedToken other = new IssuedToken("https://new", "key-1", List.of("https://new"), Duration.ofDays(365));

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
        IssuedToken newKey = new IssuedToken(OWN, "key-2", List.of(OWN), Duration.ofDays(365));
        AcceptanceMatrix matrix = second(Finding.REFUSED, matrix(newKey, ISSUED));
        matrix.rows().get(1).cells().set(1, new Cell(Finding.REFUSED, null, ""));

        assertThat(cause(view(usualPod(), ACCOUNT, matrix))).isEqualTo(PodCause.REFUSED);
    }

    @Test
    void whatCouldNotBeSeenMakesTheCauseUnknown() {
        PodView withoutAccount = view(usualPod(), LookedUp.unknown("not allowed"), matrix(ISSUED));
        PodView withoutToken = view(usualPod(), ACCOUNT, predicted());
        PodView unreachable = view(usualPod(), ACCOUNT, second(Finding.UNREACHABLE, matrix(ISSUED, ISSUED)));
        PodView withoutPod = new PodView(
                "shop",
                "app-0",
                LookedUp.unknown("not allowed"),
                LookedUp.missing(),
                LookedUp.missing(),
                LookedUp.missing(),
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
        assertThat(guarded("accepted").cause()).isEqualTo(PodCause.NOTHING);
        assertThat(guarded("unreachable").cause()).isEqualTo(PodCause.NOTHING);
        assertThat(guarded("expired").cause()).isEqualTo(PodCause.EXPIRED);
        assertThat(guarded("not-yet-valid").cause()).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(guarded("unreadable").cause()).isEqualTo(PodCause.NO_TOKEN);
        assertThat(guarded("refused"))
                .returns(PodCause.REFUSED, PodDiagnosis::cause)
                .returns("The pod's guardian reports: So it is.", PodDiagnosis::sentence)
                .returns(
                        "Follow the advice of check in the pod: kubectl exec -n shop app-0 -c token-guardian -- /token-guardian"
                                + " check.",
                        PodDiagnosis::advice);
    }

    private static PodDiagnosis guarded(String verdict) {
        return guarded(usualPod(), LookedUp.found(new Guardian(verdict, "So it is.")));
    }

    private static PodDiagnosis guarded(PodFacts pod, LookedUp<Guardian> guardian, GuardianEvent... events) {
        return PodDiagnosis.of(new PodView(
                "shop",
                "app-0",
                LookedUp.found(pod),
                ACCOUNT,
                guardian,
                LookedUp.found(List.of(events)),
                matrix(ISSUED),
                NOW));
    }

    @Test
    void aTokenInASecretIsNotLookedAt() {
        PodFacts secret = new PodFacts(
                "u1", "app", "Running", false, CREATED, CREATED, CREATED, false, null, null, List.of(), "secret", false,
                null);

        assertThat(cause(view(secret))).isEqualTo(PodCause.UNKNOWN);
        assertThat(view(secret).notSeen())
                .containsExactly("the token at the default path: it is in a volume of the kind secret");
    }

    @Test
    void theCopyOfAGuardianIsNoSecret() {
        PodFacts vetted = new PodFacts(
                "u1",
                "app",
                "Running",
                false,
                CREATED,
                CREATED,
                CREATED,
                false,
                null,
                null,
                List.of(token(null, "/real/token")),
                "emptyDir",
                false,
                null);

        assertThat(cause(view(vetted))).isEqualTo(PodCause.NOTHING);
    }
}
