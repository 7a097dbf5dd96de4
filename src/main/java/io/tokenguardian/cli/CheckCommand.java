package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.FurtherToken;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.guardian.Survey;
import io.tokenguardian.report.StatusReport;
import io.tokenguardian.token.TokenFile;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code check}: asks once, says how things are, and waits for nothing. */
@Dependent
@Unremovable
@Command(
        name = "check",
        description = "Asks the API server once whether it accepts the token, and says how things are.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class CheckCommand implements Callable<Integer> {
    private final Provider<Settings> settings;
    private final Provider<TokenFile> file;
    private final Provider<Survey> survey;
    private final Provider<StatusReport> report;
    private final Timeline timeline;

    /** The forms of output. */
    enum Output {
        text,
        json,
        svg
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json|svg",
            description =
                    "Output for a person, for a program, or as a picture for a ticket (default: ${DEFAULT-VALUE}).")
    Output output = Output.text;

    @Spec
    @Nullable
    CommandSpec spec;

    CheckCommand(
            Provider<Settings> settings,
            Provider<TokenFile> file,
            Provider<Survey> survey,
            Provider<StatusReport> report,
            Timeline timeline) {
        this.settings = settings;
        this.file = file;
        this.survey = survey;
        this.report = report;
        this.timeline = timeline;
    }

    @Override
    public Integer call() {
        Situation situation = survey.get().of(file.get().read());
        List<FurtherToken> further = settings.get().furtherTokens().stream()
                .map(source -> survey.get().of(source, new TokenFile(source.path()).read(), situation))
                .toList();
        PrintWriter out = out();
        switch (output) {
            case text -> out.print(new CheckText(settings.get(), timeline, Ansi.AUTO.enabled()).of(situation, further));
            case json -> out.println(report.get().of(situation, further).encodePrettily());
            case svg -> out.print(new CheckSvg(settings.get().apiServer().leeway(), timeline).of(situation));
        }
        out.flush();
        return ExitCode.of(situation.verdict());
    }

    private PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls");
        }
        return spec.commandLine().getOut();
    }
}
