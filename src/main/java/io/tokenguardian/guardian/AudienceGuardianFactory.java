package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Creates the guardian and the judge of each audience token. All judges use the clocks that were measured with the main
 * token, which also authenticates their TokenReviews. Any thread may call {@code main} and {@code clocks}.
 */
record AudienceGuardianFactory(
        ApiServer apiServer,
        TokenTerms.AcceptancePolicy policy,
        Timeline timeline,
        DoubleSupplier chance,
        Supplier<TokenStatus> main,
        Supplier<List<KnownReplica>> clocks,
        ReviewPermission permission) {

    /** This guardian also needs a turn after each new status of the main token. */
    Guardian guardian(AudienceToken.Source source) {
        if (main.get().judgedBy() == JudgedBy.NOBODY) {
            return Guardian.off(timeline, new TokenSource());
        }
        return new Guardian(
                (added, guardian) -> of(source, added, guardian::hasEverAccepted, guardian::wake),
                JudgedBy.CLOCKS,
                timeline,
                new TokenSource(),
                now -> main.get().replicas());
    }

    AudienceTokenJudge of(
            AudienceToken.Source source, TokenReading.Present added, BooleanSupplier everAccepted, Runnable wake) {
        Supplier<@Nullable Token> bearer = () -> main.get().acceptedToken();
        ApiServer reviewing = new ReviewingApiServer(apiServer, bearer, source.audiences(), permission, timeline);
        return new AudienceTokenJudge(
                new TokenProbe(added, policy, reviewing, new ReplicaLedger(), everAccepted, chance, wake),
                source.audiences(),
                clocks,
                bearer,
                permission,
                timeline.instant());
    }
}
