package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The log of what happens: one line for each change of the verdict or the token, and nothing while neither changes. */
public final class Story implements Consumer<Situation> {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final InstantSource timeline;
    private @Nullable String told;
    private @Nullable String toldOfCandidate;

    public Story(InstantSource timeline) {
        this.timeline = timeline;
    }

    @Override
    public void accept(Situation situation) {
        tellCandidate(situation);
        Verdict verdict = situation.verdict();
        // Pending lasts for a few answers: what comes of them is the news.
        if (verdict instanceof Verdict.Pending || key(situation).equals(told)) {
            return;
        }
        told = key(situation);
        Explanation explanation = Explanation.of(situation, timeline.instant());
        String advice = explanation.advice().isEmpty() ? "" : " " + explanation.advice();
        Logger.Level level = verdict instanceof Verdict.Accepted ? Logger.Level.INFO : Logger.Level.WARN;
        LOG.logf(level, "verdict=%s %s%s", verdict.word(), explanation.sentence(), advice);
    }

    /** What holds a rotated token up, once for each token and reason; what ends the wait is told as the verdict. */
    private void tellCandidate(Situation situation) {
        Verdict verdict = situation.candidateVerdict();
        if (situation.candidate() == null || verdict == null || !situation.isAccepted()) {
            if (toldOfCandidate != null
                    && situation.isAccepted()
                    && key(situation).equals(told)) {
                LOG.info("candidate=dropped The file holds the token in use again.");
            }
            toldOfCandidate = null;
            return;
        }
        String key = verdict.word() + " " + situation.candidate();
        if (verdict instanceof Verdict.Pending || key.equals(toldOfCandidate)) {
            return;
        }
        toldOfCandidate = key;
        boolean heals = verdict instanceof Verdict.NotYetValid;
        LOG.logf(
                heals ? Logger.Level.INFO : Logger.Level.WARN,
                "candidate=%s %s",
                verdict.word(),
                Explanation.ofCandidate(verdict));
    }

    /** Two situations with the same key are the same news. */
    private static String key(Situation situation) {
        String about =
                situation.token() == null ? "" : situation.token().token().toString();
        Verdict verdict = situation.verdict();
        String reason = verdict instanceof Verdict.Unreachable unreachable ? unreachable.explanation() : "";
        String file = verdict instanceof Verdict.Unreadable unreadable ? unreadable.explanation() : "";
        return verdict.word() + " " + about + reason + file;
    }
}
