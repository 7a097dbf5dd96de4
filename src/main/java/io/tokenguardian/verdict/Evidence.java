package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.Reply;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the answers so far say of one token. Immutable: an answer makes new evidence.
 *
 * @param confirmed how many fresh connections in a row were accepted, counted only while no refuser is outstanding
 * @param accepted the acceptance reached; null while there is none
 * @param refusers the replicas seen to refuse the token as not yet valid, and not heard to accept it since
 * @param refusals how many answers in a row have refused for a reason that time does not heal
 * @param trouble why the last fresh answer was none that helps; null when it did
 * @param setbacks how many answers in a row did not help
 * @param holdOff no fresh connection before this instant
 * @param lastAnswer when the last answer came
 */
public record Evidence(
        int confirmed,
        Verdict.@Nullable Accepted accepted,
        List<Refuser> refusers,
        int refusals,
        @Nullable Verdict trouble,
        int setbacks,
        Instant holdOff,
        Instant lastAnswer) {

    /** Nothing asked yet. */
    public static final Evidence NONE = new Evidence(0, null, List.of(), 0, null, 0, Instant.MIN, Instant.MIN);

    public Evidence {
        refusers = List.copyOf(refusers);
    }

    /**
     * The evidence with the answer to the first question over a new connection.
     *
     * @param connection a number not used before for this token
     * @param open whether that connection can be asked again
     * @param chance from 0 (inclusive) to 1 (exclusive), for the pauses
     */
    public Evidence afterFresh(Terms terms, int connection, Answer answer, boolean open, DoubleSupplier chance) {
        Evidence before = withoutPassed(terms, answer.sentAt());
        return switch (Finding.of(terms, answer)) {
            case ACCEPTED -> before.confirmed(terms, answer);
            case NOT_YET_VALID -> before.notYet(terms, answer, Refuser.of(connection, answer, open), chance);
            case EXPIRED, REFUSED -> before.refused(terms, answer, chance);
            case UNREACHABLE -> before.unanswered(answer, chance);
        };
    }

    /** The evidence with another answer over the connection of a known refuser. */
    public Evidence afterAgain(Terms terms, int connection, Answer answer, boolean open, DoubleSupplier chance) {
        Refuser refuser = refuser(connection);
        return switch (Finding.of(terms, answer)) {
            case ACCEPTED -> withRefusers(without(connection));
            case NOT_YET_VALID -> notYet(terms, answer, refuser.again(answer, open), chance);
            case EXPIRED, REFUSED -> withRefusers(without(connection)).refused(terms, answer, chance);
            case UNREACHABLE -> lost(refuser, answer);
        };
    }

    /**
     * The evidence once the replicas are others: whoever has accepted so far need not be among them, so counting begins
     * anew. An acceptance that was reached stays until one of them refuses.
     *
     * @param reached the acceptance before the last answer; null when there was none
     */
    public Evidence unconfirmed(Verdict.@Nullable Accepted reached) {
        return new Evidence(
                0, accepted == null ? null : reached, refusers, refusals, trouble, setbacks, holdOff, lastAnswer);
    }

    /**
     * The refusers that may still refuse at {@code now}: those whose connections are open, until they are heard to
     * accept, and those whose connections are lost, until their clocks have reached the window for certain. Nothing
     * is known of one that is lost and whose answers carry no {@code Date}: it does not count.
     */
    List<Refuser> outstanding(Terms terms, Instant now) {
        Instant from = terms.window().from();
        return from == null
                ? List.of()
                : refusers.stream()
                        .filter(refuser -> isOutstanding(refuser, from, now))
                        .toList();
    }

    /** Whether a question over {@code connection} may still be wanted. */
    public boolean mayAskAgain(int connection) {
        return refusers.stream().anyMatch(refuser -> refuser.connection() == connection && refuser.open());
    }

    private static boolean isOutstanding(Refuser refuser, Instant from, Instant now) {
        return refuser.open() || isShortOf(refuser, from, now);
    }

    private static boolean isShortOf(Refuser refuser, Instant from, Instant now) {
        Instant acceptsBy = refuser.acceptsBy(from);
        return acceptsBy != null && now.isBefore(acceptsBy);
    }

    private Evidence confirmed(Terms terms, Answer answer) {
        String user = answer.reply() instanceof Reply.Authenticated authenticated ? authenticated.user() : null;
        int count = refusers.isEmpty() ? confirmed + 1 : 0;
        Verdict.Accepted acceptance = accepted == null && count >= terms.confirmations()
                ? new Verdict.Accepted(answer.receivedAt(), user)
                : accepted;
        return new Evidence(count, acceptance, refusers, 0, null, 0, answer.receivedAt(), answer.receivedAt());
    }

    /** A refusal that time heals. There is a pause only when time should have healed it already, or can't be told. */
    private Evidence notYet(Terms terms, Answer answer, Refuser refuser, DoubleSupplier chance) {
        List<Refuser> next = plus(without(refuser.connection()), refuser);
        Instant from = terms.window().from();
        Instant date = answer.date();
        boolean knownToWait =
                date != null && from != null && date.isBefore(from) && isShortOf(refuser, from, answer.receivedAt());
        Backoff backoff = refuser.clock() == null ? Pauses.UNREACHABLE : Pauses.CROSSING;
        Duration pause = knownToWait ? Duration.ZERO : backoff.pause(setbacks + 1, chance);
        return new Evidence(
                0,
                null,
                next,
                0,
                null,
                knownToWait ? 0 : setbacks + 1,
                answer.receivedAt().plus(pause),
                answer.receivedAt());
    }

    private Evidence refused(Terms terms, Answer answer, DoubleSupplier chance) {
        Verdict refusal = refusal(terms, answer);
        boolean askOnceMore = refusals == 0
                && refusal instanceof Verdict.Refused
                && (accepted != null || terms.isYoungAt(answer.date()));
        Backoff backoff = askOnceMore ? Pauses.CROSSING : Pauses.REFUSED;
        return new Evidence(
                0,
                askOnceMore ? accepted : null,
                refusers,
                refusals + 1,
                askOnceMore ? null : refusal,
                setbacks + 1,
                answer.receivedAt().plus(backoff.pause(refusals + 1, chance)),
                answer.receivedAt());
    }

    private static Verdict refusal(Terms terms, Answer answer) {
        Instant until = terms.window().until();
        return until != null && Finding.of(terms, answer) == Finding.EXPIRED
                ? new Verdict.Expired(answer.address(), until)
                : new Verdict.Refused(
                        answer.address(), answer.reply() instanceof Reply.Unauthorized told ? told.reason() : null);
    }

    /** No answer says nothing of the token: what was accepted stays so, and what was refused for good. */
    private Evidence unanswered(Answer answer, DoubleSupplier chance) {
        return new Evidence(
                accepted == null ? 0 : confirmed,
                accepted,
                refusers,
                refusals,
                refusals > 0 && trouble != null ? trouble : new Verdict.Unreachable(explanation(answer.reply())),
                setbacks + 1,
                answer.receivedAt().plus(pause(answer.reply(), Pauses.UNREACHABLE.pause(setbacks + 1, chance))),
                answer.receivedAt());
    }

    /** No answer from a refuser: what it would have said stays predicted, and it is not pressed. */
    private Evidence lost(Refuser refuser, Answer answer) {
        return new Evidence(
                confirmed,
                accepted,
                plus(without(refuser.connection()), refuser.lost(answer.receivedAt())),
                refusals,
                trouble,
                setbacks,
                answer.receivedAt().plus(pause(answer.reply(), Duration.ZERO)),
                answer.receivedAt());
    }

    private static String explanation(Reply reply) {
        if (reply instanceof Reply.Unavailable unavailable) {
            return unavailable.explanation();
        }
        return reply instanceof Reply.Unreachable unreachable ? unreachable.explanation() : "";
    }

    private static Duration pause(Reply reply, Duration atLeast) {
        Duration wished = reply instanceof Reply.Unavailable unavailable ? unavailable.retryAfter() : null;
        return wished != null && wished.compareTo(atLeast) > 0 ? wished : atLeast;
    }

    private Evidence withoutPassed(Terms terms, Instant now) {
        return withRefusers(outstanding(terms, now));
    }

    private Evidence withRefusers(List<Refuser> nextRefusers) {
        return new Evidence(confirmed, accepted, nextRefusers, refusals, trouble, setbacks, holdOff, lastAnswer);
    }

    private Refuser refuser(int connection) {
        return refusers.stream()
                .filter(refuser -> refuser.connection() == connection)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no refuser on connection " + connection));
    }

    private List<Refuser> without(int connection) {
        return refusers.stream()
                .filter(refuser -> refuser.connection() != connection)
                .toList();
    }

    private static List<Refuser> plus(List<Refuser> refusers, Refuser refuser) {
        List<Refuser> next = new ArrayList<>(refusers);
        next.add(refuser);
        return next;
    }
}
