package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.TokenTerms;
import java.util.List;
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
                (added, guardian) -> new AudienceTokenJudge(this, source.audiences(), added, guardian::wake),
                JudgedBy.CLOCKS,
                timeline,
                new TokenSource(),
                (ledger, now) -> main.get().replicas());
    }

    /** Returns the token that authenticates the reviews; null while none is accepted. */
    @Nullable
    Token bearer() {
        return main.get().acceptedToken();
    }
}
