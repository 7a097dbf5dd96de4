package io.tokenguardian.cli;

import io.quarkus.picocli.runtime.PicocliRunner;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SysPropConfigSource;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import io.tokenguardian.process.MaskedOutput;
import io.tokenguardian.process.OutOfMemory;
import io.tokenguardian.process.SignalExit;
import io.tokenguardian.process.Signals;
import java.util.Arrays;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.graalvm.nativeimage.ProcessProperties;
import org.graalvm.nativeimage.VMRuntime;
import org.jspecify.annotations.Nullable;

/** The program's entry point. Decides before Quarkus starts whether this run serves, or runs a command and ends. */
@QuarkusMain
public final class Main {
    private static final Set<String> HELP_OR_VERSION = Set.of("-h", "--help", "-V", "--version");

    private static volatile boolean serving;

    private Main() {}

    /** Whether this run is a {@code serve}. */
    static boolean isServing() {
        return serving;
    }

    public static void main(String... arguments) {
        String executable = null;
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            NativeRuntime.start();
            executable = NativeRuntime.executable();
            // A JVM prints its threads on SIGQUIT. A native executable would end by default.
            Signals.handle("QUIT", () -> {});
        }
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            MaskedOutput.install();
        }
        OutOfMemory.exitOnOutOfMemory();
        String[] args = KubectlPlugin.arguments(executable, SystemProperties.setLeading(arguments));
        serving = serves(args);
        if (!serving) {
            disableListeners();
        } else if (LaunchMode.current() == LaunchMode.NORMAL) {
            SignalExit.install();
        }
        Quarkus.run(PicocliRunner.class, Main::end, args);
    }

    /** Whether these words, which follow the program and its properties, are a {@code serve}. */
    static boolean serves(String... args) {
        return (args.length == 0 || args[0].equals("serve"))
                && Arrays.stream(args).noneMatch(HELP_OR_VERSION::contains);
    }

    /** Binds no port, since a guardian may be serving beside this command, and keeps the log off stdout. */
    private static void disableListeners() {
        System.setProperty("quarkus.http.host-enabled", "false");
        System.setProperty("quarkus.management.host-enabled", "false");
        System.setProperty("quarkus.log.console.stderr", "true");
        if (System.getProperty("quarkus.log.level") == null && System.getenv("QUARKUS_LOG_LEVEL") == null) {
            System.setProperty("quarkus.log.level", "WARN");
        }
    }

    /** Ends the process, and prints the failure, since Quarkus leaves that to us. */
    private static void end(int code, @Nullable Throwable failure) {
        int exitCode = failure == null ? code : report(failure, code);
        MaskedOutput.finish();
        SignalExit.onMainEnded(exitCode);
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(exitCode, null);
    }

    /** Prints why the program has not started, and returns the exit code. */
    private static int report(Throwable failure, int code) {
        Throwable explained = failure;
        try {
            Settings.checkListeners(given());
        } catch (SettingException e) {
            explained = e;
        }
        String unbound = BindFailure.explain(explained, ConfigProvider.getConfig());
        System.err.println(PrintingCommand.line(unbound == null ? CommandLineConfig.message(explained) : unbound));
        return CommandLineConfig.isWrongSetting(explained) ? ExitCode.USAGE : code;
    }

    /** Whether this run was given a value of the setting {@code name}, by its environment or its system properties. */
    static boolean isGiven(String name) {
        return given().getConfigValue(name).getRawValue() != null;
    }

    /**
     * The settings as this run was given them: only environment and system properties. If a native executable has
     * failed to read one, Quarkus still answers with the values of the build.
     */
    private static Config given() {
        return new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(System.getenv(), 300), new SysPropConfigSource())
                .addDefaultInterceptors()
                .build();
    }

    /** Loaded only in a native executable: a JVM does not have the type {@code VMRuntime}. */
    private static final class NativeRuntime {
        private NativeRuntime() {}

        /**
         * Executables do this before {@code main} if they parse runtime options. Ours does not
         * ({@link SystemProperties}).
         */
        static void start() {
            VMRuntime.initialize();
        }

        /** How this run was called, {@code argv[0]}: a link's own name, not its target's. */
        static @Nullable String executable() {
            return ProcessProperties.getArgumentVectorProgramName();
        }
    }
}
