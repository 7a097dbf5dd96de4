package io.tokenguardian.cli;

import io.quarkus.runtime.Quarkus;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.token.TokenWatch;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code serve}: guards the token until the process is told to end. */
@Dependent
@Command(
        name = "serve",
        description = "Guards the token and answers health checks, until SIGTERM, SIGINT or POST /quit (the default).",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class ServeCommand implements Callable<Integer> {
    private final Provider<TokenWatch> watch;
    private final Provider<GuardianLoop> loop;

    ServeCommand(Provider<TokenWatch> watch, Provider<GuardianLoop> loop) {
        this.watch = watch;
        this.loop = loop;
    }

    @Override
    public Integer call() {
        SignalExit.serving();
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get()) {
            guarding.start();
            watching.start();
            Quarkus.waitForExit();
        }
        return ExitCode.ACCEPTED;
    }
}
