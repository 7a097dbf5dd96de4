package io.tokenguardian.dev;

import org.jspecify.annotations.Nullable;

/** What can be switched while the server runs; read afresh for every request. */
final class Settings {

    volatile boolean anonymous;
    volatile ServerAge age = ServerAge.CURRENT;
    volatile Authorization authorization = (user, method, path) -> true;
    volatile Backend backend = Backend.mirror();
    volatile double goAwayChance;
    volatile Response.@Nullable Full upgradeRefusal;
}
