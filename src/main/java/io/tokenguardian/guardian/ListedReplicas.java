package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.guardian.SentProbes.Ended;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The listed replicas, as probed with one token. Not thread-safe. */
final class ListedReplicas {
    private final ApiServer apiServer;
    private final BooleanSupplier everAccepted;
    private final Set<String> silent = new HashSet<>(); // addresses of replicas without a usable response
    private final Set<String> inRow = new HashSet<>(); // addresses of replicas that have accepted consecutively
    private ApiServer.Replicas replicas;
    private int unasked; // replicas still to be probed

    ListedReplicas(ApiServer apiServer, BooleanSupplier everAccepted) {
        this.apiServer = apiServer;
        this.everAccepted = everAccepted;
        this.replicas = apiServer.replicas();
        this.unasked = replicas.count();
    }

    /** Returns how many replicas are listed; 0 without a list. */
    int count() {
        return replicas.count();
    }

    int unasked() {
        return unasked;
    }

    /** Returns how many listed replicas must accept the token. */
    int toAccept() {
        return silenceCounts() ? replicas.count() : Math.max(1, replicas.count() - silent.size());
    }

    /** Whether a listed replica that must accept the token has yet to accept it; false without a list. */
    boolean haveYetToAccept() {
        return replicas.count() > 0 && inRow.size() < toAccept();
    }

    /** Whether a silent replica prevents acceptance: while no list is known, and until any token has been accepted. */
    boolean silenceCounts() {
        return replicas.count() == 0 || !everAccepted.getAsBoolean();
    }

    boolean haveChanged() {
        return apiServer.replicas().generation() != replicas.generation();
    }

    /** Starts over if the set of replicas has changed, and returns whether it has. */
    boolean update() {
        boolean changed = haveChanged();
        if (changed) {
            replicas = apiServer.replicas();
            unasked = replicas.count();
            silent.clear();
        }
        return changed;
    }

    /** Continues without the silent replica at this address. */
    void passOver(String address) {
        unasked = Math.max(0, unasked - 1);
        addSilent(address);
    }

    private boolean addSilent(String address) {
        inRow.remove(address);
        return silent.add(address);
    }

    /** Returns whether any replica was silent. */
    boolean forgetSilence() {
        boolean any = !silent.isEmpty();
        silent.clear();
        return any;
    }

    /** Takes the first result over a new connection. Returns whether the replica has just become silent. */
    boolean take(Ended ended, JudgedResult judged) {
        if (!ended.late()) {
            unasked = Math.max(0, unasked - 1);
        }
        String address = judged.result().address();
        if (judged.finding() == Finding.UNREACHABLE) {
            return replicas.count() > 0 && !ended.late() && addSilent(address);
        }
        silent.remove(address);
        return false;
    }

    /** A count is not enough, because a replica may accept twice. {@code confirmed} is the count before this result. */
    void recordInRow(JudgedResult judged, int confirmed) {
        if (confirmed == 0) {
            inRow.clear();
        }
        if (judged.finding() == Finding.ACCEPTED) {
            inRow.add(judged.result().address());
        }
    }
}
