package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that the guardian tracks, oldest first, each with its probe. Not thread-safe.
 *
 * <pre>
 *   accepted   the newest of these are kept. The newest that no replica's clock puts in doubt is in use; if all are in
 *              doubt, the newest is. If none is accepted, requests are sent with the usable token that the fewest
 *              replicas refuse.
 *   partly     accepted by only some replicas. The newest of these are kept while no newer token is accepted.
 *   waiting    not yet valid, or pending. The token that will be accepted soonest is kept. Otherwise, no token would be
 *              accepted if rotations came faster than tokens become valid.
 *   newest     the token in the file.
 * </pre>
 *
 * <p>A token that is not accepted, or is over, is removed if it is older than the newest accepted token. A token that
 * is refused permanently is removed when a newer token is read. When an older token is read again, newer tokens are
 * removed.
 */
final class Rotation implements AutoCloseable {
    /**
     * The newest, and two older tokens in case a replica's clock is set back. One older token is not enough: if two
     * rotations are closer together than the clock is set back, the replica refuses both kept tokens.
     */
    static final int MAX_ACCEPTED = 3;

    static final int MAX_PARTLY_ACCEPTED = 2;

    private final List<TokenProbe> tokens = new ArrayList<>();

    /** The tokens that have at some time been the newest accepted token. Each but the first was a rotation. */
    private final Set<TokenProbe> promoted = new HashSet<>();

    private long rotations = -1;

    private @Nullable TokenProbe lastInUse;

    /** If {@code token} is known, removes the newer tokens. Returns whether it is. */
    boolean returnTo(Token token) {
        int known = tokens.stream().map(TokenProbe::token).toList().indexOf(token);
        if (known < 0) {
            return false;
        }
        List<TokenProbe> newer = List.copyOf(tokens.subList(known + 1, tokens.size()));
        close(newer::contains);
        return true;
    }

    /** Adds a token that has just been read, and removes the tokens that the new token replaces. */
    void add(TokenProbe added, Instant now) {
        List<TokenProbe> accepted = accepted(now);
        TokenProbe soonest = soonest(now);
        List<TokenProbe> partly = lastOf(usable(), MAX_PARTLY_ACCEPTED);
        close(probe -> !accepted.contains(probe) && !partly.contains(probe) && !probe.equals(soonest));
        tokens.add(added);
    }

    void update(Instant now) {
        List<TokenProbe> accepted = accepted(now);
        TokenProbe newestAccepted = last(accepted);
        if (newestAccepted == null) {
            close(probe -> !probe.equals(newest()) && !mayBeAccepted(probe, now) && !probe.isUsable());
            return;
        }
        boolean first = promoted.add(newestAccepted);
        rotations += first ? 1 : 0;
        List<TokenProbe> kept = lastOf(accepted, MAX_ACCEPTED);
        List<TokenProbe> older = List.copyOf(tokens.subList(0, tokens.indexOf(newestAccepted)));
        close(probe ->
                older.contains(probe) && (!kept.contains(probe) || probe.judge().isOver(now)));
        recheckReturned(inUse(now), first ? newestAccepted : null);
    }

    long rotations() {
        return Math.max(0, rotations);
    }

    /** Schedules a probe of a token that is once again in use, because its last result may be old. */
    private void recheckReturned(@Nullable TokenProbe inUse, @Nullable TokenProbe justPromoted) {
        if (inUse != null && !inUse.equals(lastInUse) && !inUse.equals(justPromoted)) {
            inUse.recheck();
        }
        lastInUse = inUse;
    }

    /** Returns when a token next ceases to be in doubt, which may put it into use; {@link Instant#MAX} if never. */
    Instant nextUpdate(Instant now) {
        return tokens.stream()
                .map(probe -> probe.judge().predictedRefusal(now))
                .filter(Objects::nonNull)
                .map(Verdict.NotYetValid::acceptableBy)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /**
     * Returns the token that the verdict is about: the token in use. If none is in use, it is the newest token while
     * its verdict is pending; otherwise the token that will be accepted soonest, or the newest if none is waiting. Null
     * if no token is tracked.
     */
    @Nullable
    TokenProbe current(Instant now) {
        TokenProbe inUse = inUse(now);
        TokenProbe newest = newest();
        if (inUse != null || newest == null || newest.judge().verdict(now) instanceof Verdict.Pending) {
            return inUse == null ? newest : inUse;
        }
        TokenProbe soonest = soonest(now);
        return soonest == null ? newest : soonest;
    }

    @Nullable
    TokenProbe candidate(Instant now) {
        TokenProbe newest = newest();
        return newest == null || newest.equals(current(now)) ? null : newest;
    }

    List<TokenProbe> all() {
        return List.copyOf(tokens);
    }

    private @Nullable TokenProbe newest() {
        return last(tokens);
    }

    private static @Nullable TokenProbe last(List<TokenProbe> oldestFirst) {
        return oldestFirst.isEmpty() ? null : oldestFirst.get(oldestFirst.size() - 1);
    }

    /** Returns the tokens to send, best first. A token near its end may be accepted by only some replicas. */
    List<Token> usableTokens(Instant now) {
        List<TokenProbe> usable = new ArrayList<>(usable());
        Collections.reverse(usable);
        usable.sort(Comparator.comparingInt(probe -> probe.judge().refusers(now)));
        TokenProbe inUse = inUse(now);
        if (inUse != null) {
            usable.remove(inUse);
            usable.add(0, inUse);
        }
        return usable.stream().map(TokenProbe::token).toList();
    }

    private List<TokenProbe> usable() {
        return tokens.stream().filter(TokenProbe::isUsable).toList();
    }

    private static List<TokenProbe> lastOf(List<TokenProbe> oldestFirst, int count) {
        return oldestFirst.subList(Math.max(0, oldestFirst.size() - count), oldestFirst.size());
    }

    private @Nullable TokenProbe inUse(Instant now) {
        List<TokenProbe> accepted = accepted(now);
        TokenProbe undoubted = last(accepted.stream()
                .filter(probe -> probe.judge().predictedRefusal(now) == null)
                .toList());
        return undoubted == null ? last(accepted) : undoubted;
    }

    private List<TokenProbe> accepted(Instant now) {
        return tokens.stream().filter(probe -> probe.judge().isAccepted(now)).toList();
    }

    private @Nullable TokenProbe soonest(Instant now) {
        return tokens.stream()
                .filter(probe -> mayBeAccepted(probe, now))
                .min(Comparator.comparing(probe -> order(probe, now)))
                .orElse(null);
    }

    private static boolean mayBeAccepted(TokenProbe probe, Instant now) {
        Verdict verdict = probe.judge().verdict(now);
        return verdict instanceof Verdict.NotYetValid || verdict instanceof Verdict.Pending;
    }

    /**
     * Returns the sort key of a token that may be accepted. An older token that is pending comes first, because its
     * last refusing replica has just accepted it. The newest token comes last if it is pending, because nothing is
     * known about it.
     */
    private Instant order(TokenProbe probe, Instant now) {
        Verdict verdict = probe.judge().verdict(now);
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return notYet.acceptableBy() == null ? Instant.MAX : notYet.acceptableBy();
        }
        return probe.equals(newest()) ? Instant.MAX : Instant.MIN;
    }

    private void close(Predicate<TokenProbe> ended) {
        tokens.removeIf(probe -> {
            boolean ends = ended.test(probe);
            if (ends) {
                promoted.remove(probe);
                probe.close();
            }
            return ends;
        });
    }

    @Override
    public void close() {
        close(probe -> true);
    }
}
