package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Terms;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all further tokens are judged by: the clocks that the main token's guardian has met, and reviews sent with its token. */
final class FurtherInquiries {
    private final ApiServer apiServer;
    private final Terms.Rules rules;
    private final Timeline timeline;
    private final DoubleSupplier chance;
    private final Supplier<Situation> main;
    private final ReviewPermission permission = new ReviewPermission();

    /**
     * @param chance see {@link Guardian}
     * @param main what is known of the main token; may be called from any thread
     */
    FurtherInquiries(
            ApiServer apiServer,
            Terms.Rules rules,
            Timeline timeline,
            DoubleSupplier chance,
            Supplier<Situation> main) {
        this.apiServer = apiServer;
        this.rules = rules;
        this.timeline = timeline;
        this.chance = chance;
        this.main = main;
    }

    /** Whether reviews may be asked for. */
    ReviewPermission permission() {
        return permission;
    }

    /** A guardian of the token of {@code source}, which is to be turned whenever there is news of the main one too. */
    Guardian guardian(FurtherToken.Source source) {
        ReplicaSightings sightings = new ReplicaSightings();
        return new Guardian(added -> of(source, added, sightings), Basis.CLOCKS, timeline, new Escrow(), sightings);
    }

    FurtherInquiry of(FurtherToken.Source source, TokenReading.Present added, ReplicaSightings sightings) {
        Supplier<@Nullable Token> bearer = () -> main.get().acceptedToken();
        ApiServer reviewing = new ReviewingApiServer(apiServer, bearer, source.audiences(), permission, timeline);
        return new FurtherInquiry(
                new Inquiry(added, rules, reviewing, sightings, chance),
                Terms.of(added.token(), rules).window(),
                source.audiences(),
                () -> main.get().replicas(),
                bearer,
                permission,
                timeline.instant());
    }
}
