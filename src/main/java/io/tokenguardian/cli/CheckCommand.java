package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.Version;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.OneShotProbe;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.laptop.CrossCheck;
import io.tokenguardian.laptop.CrossCheckCommand;
import io.tokenguardian.laptop.OutputFormat;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.status.CheckSvg;
import io.tokenguardian.status.CheckText;
import io.tokenguardian.status.RightTime;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.token.JsonObjects;
import io.tokenguardian.token.PrintableText;
import io.tokenguardian.token.TokenFile;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Dependent
@Unremovable
@Command(
        name = "check",
        description = {
            "Probes the API server once with the token, and prints the result.",
            "With a kubeconfig, checks from outside the cluster which replicas accept the tokens that each of them issues."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = CrossCheckCommand.CODES,
        footer = {
            "",
            "Examples:",
            "  kubectl exec POD -c token-guardian -- /token-guardian check",
            CrossCheckCommand.EXAMPLE
        })
final class CheckCommand extends CrossCheckCommand {
    private final Provider<Settings> settings;
    private final Provider<TokenFile> file;
    private final Provider<OneShotProbe> oneShotProbe;
    private final Provider<StatusReport> report;
    private final Provider<CrossCheck> crossCheck;
    private final LocalListener listener;
    private final Timeline timeline;

    /** How long the guardian that serves in this pod may take to respond. */
    private static final Duration SERVE_LIMIT = Duration.ofSeconds(2);

    CheckCommand(
            Provider<Settings> settings,
            Provider<TokenFile> file,
            Provider<OneShotProbe> oneShotProbe,
            Provider<StatusReport> report,
            Provider<CrossCheck> crossCheck,
            LocalListener listener,
            Timeline timeline) {
        this.settings = settings;
        this.file = file;
        this.oneShotProbe = oneShotProbe;
        this.report = report;
        this.crossCheck = crossCheck;
        this.listener = listener;
        this.timeline = timeline;
    }

    @Override
    public Integer call() {
        Duration limit = limit();
        return hasKubeconfig() ? crossCheck(crossCheck.get(), limit) : ownToken(limit);
    }

    private int ownToken(@Nullable Duration limit) {
        TokenStatus tokenStatus = oneShotProbe.get().check(file.get().read());
        ServeUse serve = options.output == OutputFormat.svg ? ServeUse.NONE : serve(settings.get());
        boolean passedOn = settings.get().proxy().authorization() == AuthorizationPolicy.KEEP;
        List<StaleCaller> staleCallers = serve.staleCallers().stream()
                .map(caller -> caller.passedOn(passedOn))
                .toList();
        Map<String, Object> saved = serve.saved();
        print(
                switch (options.output) {
                    case text ->
                        text(settings.get())
                                .of(
                                        tokenStatus,
                                        staleCallers,
                                        saved == null ? null : String.valueOf(saved.get("sentence")));
                    case json ->
                        PrintableText.json(report.get()
                                .of(tokenStatus)
                                .put("staleCallers", report.get().staleCallers(staleCallers))
                                .put("saved", saved == null ? null : new JsonObject(saved)));
                    case svg -> new CheckSvg(timeline).of(tokenStatus);
                });
        return exitCode(ExitCode.of(tokenStatus.verdict().word()), limit, RightTime.of(tokenStatus)::replicaBeyond);
    }

    /** None if no guardian serves here, or if the guardian judges a different token. */
    private ServeUse serve(Settings known) {
        try {
            if (listener.hasKnownPort()) {
                Map<String, Object> status =
                        JsonObjects.parse(listener.get("/status", ServeSource.LARGEST_STATUS, SERVE_LIMIT));
                return ServeStatus.of(status).isFor(known) ? ServeUse.of(status) : ServeUse.NONE;
            }
        } catch (IOException | ParseException | SettingException e) {
            // Without a guardian, or with one whose version is too old, the output omits the callers.
        }
        return ServeUse.NONE;
    }

    private CheckText text(Settings known) {
        return new CheckText(known.tokenFile(), known.apiServer().address().hostAndPort(), timeline);
    }
}
