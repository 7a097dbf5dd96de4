package io.tokenguardian.laptop;

import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.HelpCommand;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.SystemProperties;
import io.tokenguardian.command.Version;
import io.tokenguardian.command.VersionCommand;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.process.MaskedOutput;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The entry point of {@code token-guardian-cli.jar}. Runs without Quarkus, and carries no annotations, because Quarkus
 * would find them.
 */
public final class LaptopMain {
    /** The API server's leeway, which has been the same in every Kubernetes release so far. */
    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private final Version version;

    LaptopMain(String version) {
        this.version = new Version(version);
    }

    public static void main(String... arguments) {
        MaskedOutput.install();
        SystemProperties.refuseTlsDebug();
        Logger.getLogger("").setLevel(Level.SEVERE); // the command prints its failures itself
        System.setProperty("io.netty.noUnsafe", "true"); // Java 24 and later print a warning about Unsafe to stderr
        String version = String.valueOf(LaptopMain.class.getPackage().getImplementationVersion());
        String launcher = System.getProperty("token-guardian.executable"); // null without the launcher for kubectl
        int exitCode = new LaptopMain(version).commands().execute(KubectlPlugin.arguments(launcher, arguments));
        MaskedOutput.finish();
        System.exit(exitCode);
    }

    CommandLine commands() {
        CommandSpec root = CommandSpec.create().name("token-guardian").versionProvider(version);
        root.mixinStandardHelpOptions(true)
                .usageMessage()
                .description("Finds from outside the cluster, with a kubeconfig, why a pod's requests get 401.");
        CommandSpec check =
                CommandSpec.forAnnotatedObject(new LaptopCheckCommand()).versionProvider(version);
        check.mixinStandardHelpOptions(true)
                .usageMessage()
                .description("Checks which API server replicas accept the tokens that each of them issues.")
                .footerHeading(CrossCheckCommand.CODES)
                .footer("", "Example:", CrossCheckCommand.EXAMPLE);
        CommandLine.IFactory versions = new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type == Version.class
                        ? type.cast(version)
                        : CommandLine.defaultFactory().create(type);
            }
        };
        return new CommandLine(root, versions)
                .setExpandAtFiles(false)
                .addSubcommand("check", new CommandLine(check, versions))
                .addSubcommand("explain", new CommandLine(new ExplainCommand(this::crossCheck), versions))
                .addSubcommand("help", new CommandLine(new HelpCommand(), versions))
                .addSubcommand("version", new CommandLine(new VersionCommand(version), versions))
                .setParameterExceptionHandler((failure, arguments) -> PrintingCommand.wrongUsage(failure))
                .setExecutionExceptionHandler((failure, failed, parsed) -> PrintingCommand.failed(
                        failed,
                        failure instanceof SettingException ? ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE,
                        failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage()));
    }

    private CrossCheck crossCheck() {
        return new CrossCheck(
                version.getVersion()[0].replace(' ', '/'),
                new NioEventLoopGroup(2, new DefaultThreadFactory("connections", true)),
                Timeline.system(),
                LEEWAY);
    }

    private final class LaptopCheckCommand extends CrossCheckCommand {
        @Override
        public Integer call() {
            return crossCheck(LaptopMain.this.crossCheck(), limit());
        }
    }
}
