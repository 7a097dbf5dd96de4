package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * What has happened: one line of the log for each change of the verdict or the token, and nothing while neither
 * changes. Each line begins with the same four keys, and that of a further token with its {@code name} after them. The last few are kept, for people who come later.
 */
public final class Story implements Consumer<Situation> {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** How many are kept. */
    static final int KEPT = 20;

    /** What would move a terminal's cursor, end the line or turn its direction round: a claim may hold anything. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final String NONE = "-";

    /**
     * A change of state.
     *
     * @param at when it was noticed, on the local time line
     * @param verdict the contract's word
     * @param token which one, against the news before: {@code first}, {@code same}, {@code rotated}, {@code again}
     *     for one that was accepted before the last, or {@code none}; or the {@code candidate} that waits while another is
     *     accepted
     * @param sentence what was so then, and what to do about it
     */
    public record News(Instant at, String verdict, String token, String sentence) {}

    private final InstantSource timeline;
    private final String name;
    private @Nullable String told;
    private @Nullable Token toldOf;
    private final Deque<Token> toldAccepted = new ArrayDeque<>();
    private @Nullable String toldOfCandidate;
    private @Nullable Token toldCandidate;
    private final Deque<News> recent = new ArrayDeque<>();

    /** Of the main token. */
    public Story(InstantSource timeline) {
        this(timeline, "");
    }

    /** Of a further token, which is told of with its name. */
    Story(InstantSource timeline, String name) {
        this.timeline = timeline;
        this.name = name;
    }

    /** The last news, the newest first; from any thread. */
    public List<News> recent() {
        synchronized (recent) {
            return List.copyOf(recent);
        }
    }

    @Override
    public void accept(Situation situation) {
        tellCandidate(situation);
        Verdict verdict = situation.verdict();
        Token token = situation.token() == null ? null : situation.token().token();
        // Pending lasts for a few answers: what comes of them is the news.
        if (verdict instanceof Verdict.Pending || isTold(situation)) {
            return;
        }
        Instant now = timeline.instant();
        Explanation explanation = Explanation.of(situation, now);
        String text = (explanation.sentence() + " " + explanation.advice()).strip();
        News news = new News(now, verdict.word(), change(token), printable(text));
        told = key(verdict);
        toldOf = token;
        remember(news);
        if (token != null && verdict instanceof Verdict.Accepted) {
            rememberAccepted(token);
        }
        log(news, token, verdict instanceof Verdict.Accepted);
    }

    /** What holds a rotated token up, once for each token and reason; what ends the wait is told as the verdict. */
    private void tellCandidate(Situation situation) {
        Verdict verdict = situation.candidateVerdict();
        Token candidate = situation.candidate();
        if (candidate == null || verdict == null || !situation.isAccepted()) {
            if (toldOfCandidate != null && situation.isAccepted() && isTold(situation)) {
                LOG.infof("candidate=dropped %sThe file holds the token in use again.", named());
            }
            toldOfCandidate = null;
            toldCandidate = null;
            return;
        }
        boolean told = verdict.word().equals(toldOfCandidate) && candidate.equals(toldCandidate);
        if (verdict instanceof Verdict.Pending || told) {
            return;
        }
        toldOfCandidate = verdict.word();
        toldCandidate = candidate;
        String sentence = printable(Explanation.ofCandidate(verdict));
        remember(new News(timeline.instant(), verdict.word(), "candidate", sentence));
        Logger.Level level = verdict instanceof Verdict.NotYetValid ? Logger.Level.INFO : Logger.Level.WARN;
        LOG.logf(level, "candidate=%s %s%s", verdict.word(), named(), sentence);
    }

    private boolean isTold(Situation situation) {
        Token token = situation.token() == null ? null : situation.token().token();
        boolean sameToken = token == null ? toldOf == null : token.equals(toldOf);
        return sameToken && key(situation.verdict()).equals(told);
    }

    private void remember(News news) {
        synchronized (recent) {
            recent.addFirst(news);
            if (recent.size() > KEPT) {
                recent.removeLast();
            }
        }
    }

    private void rememberAccepted(Token token) {
        toldAccepted.remove(token);
        toldAccepted.addFirst(token);
        if (toldAccepted.size() > Rotation.ACCEPTED) {
            toldAccepted.removeLast();
        }
    }

    private String change(@Nullable Token token) {
        if (token == null) {
            return "none";
        }
        if (toldOf == null || token.equals(toldOf)) {
            return toldOf == null ? "first" : "same";
        }
        return toldAccepted.contains(token) ? "again" : "rotated";
    }

    private String named() {
        return name.isEmpty() ? "" : "name=" + name + " ";
    }

    private void log(News news, @Nullable Token token, boolean good) {
        String issued = token == null ? NONE : orNone(token.claims().issuedAt());
        String expires = token == null ? NONE : orNone(token.claims().expiresAt());
        // As fields of their own where the log is JSON.
        MDC.put("verdict", news.verdict());
        MDC.put("token", news.token());
        if (!name.isEmpty()) {
            MDC.put("name", name);
        }
        try {
            LOG.logf(
                    good ? Logger.Level.INFO : Logger.Level.WARN,
                    "verdict=%s token=%s issued=%s expires=%s %s%s",
                    news.verdict(),
                    news.token(),
                    issued,
                    expires,
                    named(),
                    news.sentence());
        } finally {
            MDC.remove("verdict");
            MDC.remove("token");
            MDC.remove("name");
        }
    }

    private static String orNone(@Nullable Instant instant) {
        return instant == null ? NONE : instant.toString();
    }

    private static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found ->
                        String.format(Locale.ROOT, "\\\\u%04x", found.group().codePointAt(0)));
    }

    /** Two situations about one token with the same key are the same news. */
    private static String key(Verdict verdict) {
        String reason = verdict instanceof Verdict.Unreachable unreachable ? unreachable.explanation() : "";
        String file = verdict instanceof Verdict.Unreadable unreadable ? unreadable.explanation() : "";
        return verdict.word() + " " + reason + file;
    }
}
