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
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.SystemProperties;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import io.tokenguardian.laptop.KubectlPlugin;
import io.tokenguardian.process.MaskedOutput;
import io.tokenguardian.process.OutOfMemory;
import io.tokenguardian.process.Signals;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.graalvm.nativeimage.ProcessProperties;
import org.graalvm.nativeimage.VMRuntime;
import org.jspecify.annotations.Nullable;

/** The program's entry point. Decides before Quarkus starts whether to run {@code serve} or another command. */
@QuarkusMain
public final class Main {
    private static volatile boolean serving;

    private Main() {}

    static boolean isServing() {
        return serving;
    }

    public static void main(String... arguments) {
        String executable = null;
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            NativeRuntime.start();
            executable = NativeRuntime.executable();
            // On SIGQUIT, a JVM prints its threads, whereas a native executable would end by default.
            Signals.handle("QUIT", () -> {});
        }
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            MaskedOutput.install();
        }
        OutOfMemory.exitOnOutOfMemory();
        String[] args = KubectlPlugin.arguments(executable, SystemProperties.setLeading(arguments));
        SystemProperties.refuseTlsDebug();
        serving = serves(args);
        limitPooledBuffers();
        if (!serving) {
            disableListeners();
        } else if (LaunchMode.current() == LaunchMode.NORMAL) {
            // Until ServeCommand handles signals, no part needs an orderly shutdown.
            Signals.onEnd(() -> Runtime.getRuntime().halt(ExitCode.ACCEPTED));
        }
        Quarkus.run(PicocliRunner.class, Main::end, args);
    }

    /** With a further argument, {@code serve} prints help or a usage error, and must not read the settings first. */
    static boolean serves(String... args) {
        List<String> words =
                Arrays.stream(args).filter(word -> !word.equals("--")).toList();
        return words.isEmpty() || words.equals(List.of("serve"));
    }

    /**
     * Makes Netty's pool smaller. In a chunk of 64 KiB, pages of 4 KiB hold three TLS records, while pages of 8 KiB
     * hold two. A thread keeps fewer free buffers of each size.
     */
    private static void limitPooledBuffers() {
        System.setProperty("io.netty.allocator.pageSize", "4096");
        System.setProperty("io.netty.allocator.smallCacheSize", "64");
        System.setProperty("io.netty.allocator.normalCacheSize", "32");
    }

    /** Keeps Quarkus from binding ports that a guardian in this pod may be using, and keeps the log off stdout. */
    private static void disableListeners() {
        System.setProperty("quarkus.http.host-enabled", "false");
        System.setProperty("quarkus.management.host-enabled", "false");
        System.setProperty("quarkus.log.console.stderr", "true");
        if (System.getProperty("quarkus.log.level") == null && System.getenv("QUARKUS_LOG_LEVEL") == null) {
            System.setProperty("quarkus.log.level", "WARN");
        }
    }

    /** Prints the failure, because Quarkus does not print it, and ends the process. */
    private static void end(int code, @Nullable Throwable failure) {
        int exitCode = failure == null ? code : report(failure, code);
        MaskedOutput.finish();
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(exitCode, null);
    }

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

    /** Whether {@code name} is set in the environment or the system properties of this process. */
    static boolean isGiven(String name) {
        return given().getConfigValue(name).getRawValue() != null;
    }

    /** After a native executable has failed to read a setting, Quarkus's configuration has values from the build. */
    private static Config given() {
        return new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(System.getenv(), 300), new SysPropConfigSource())
                .addDefaultInterceptors()
                .build();
    }

    /** Loaded only in a native executable, because a JVM does not have the {@code VMRuntime} type. */
    private static final class NativeRuntime {
        private NativeRuntime() {}

        /** Usually happens when runtime options are parsed before {@code main}, which this program does not do. */
        static void start() {
            VMRuntime.initialize();
        }

        /** The name by which the program was started ({@code argv[0]}): a link's name, not its target's. */
        static @Nullable String executable() {
            return ProcessProperties.getArgumentVectorProgramName();
        }
    }
}
