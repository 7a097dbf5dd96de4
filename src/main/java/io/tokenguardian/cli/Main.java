package io.tokenguardian.cli;

import io.quarkus.picocli.runtime.PicocliRunner;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Arrays;
import java.util.Set;
import org.eclipse.microprofile.config.ConfigProvider;
import org.graalvm.nativeimage.VMRuntime;
import org.jspecify.annotations.Nullable;

/** The program's entry: decides, before anything is started, whether this run listens or only asks and ends. */
@QuarkusMain
public final class Main {
    private static final Set<String> ASKED_TO_SAY = Set.of("-h", "--help", "-V", "--version");

    private Main() {}

    public static void main(String... arguments) {
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            NativeRuntime.start();
            // On a JVM it prints the threads; by default it would end this process.
            Signals.handle("QUIT", () -> {});
        }
        OutOfMemory.endsTheProcess();
        String[] args = SystemProperties.take(arguments);
        if (!serves(args)) {
            listenNowhere();
        } else if (LaunchMode.current() == LaunchMode.NORMAL) {
            SignalExit.install();
        }
        Quarkus.run(PicocliRunner.class, Main::end, args);
    }

    private static boolean serves(String... args) {
        return (args.length == 0 || args[0].equals("serve"))
                && Arrays.stream(args).noneMatch(ASKED_TO_SAY::contains);
    }

    /** A command that runs beside a serving guardian must not bind its ports, and says only its own lines on stdout. */
    private static void listenNowhere() {
        System.setProperty("quarkus.http.host-enabled", "false");
        System.setProperty("quarkus.management.host-enabled", "false");
        System.setProperty("quarkus.log.console.stderr", "true");
        if (System.getProperty("quarkus.log.level") == null && System.getenv("QUARKUS_LOG_LEVEL") == null) {
            System.setProperty("quarkus.log.level", "WARN");
        }
    }

    /** Quarkus leaves it to us to say why it did not start. */
    private static void end(int code, @Nullable Throwable failure) {
        if (failure != null) {
            String unbound = Unbound.explain(failure, ConfigProvider.getConfig());
            System.err.println(unbound == null ? CommandLines.oneLine(failure) : "token-guardian: " + unbound);
        }
        SignalExit.ended(code);
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(code, null);
    }

    /** Loaded by a native executable alone: a JVM does not know the type. */
    private static final class NativeRuntime {
        private NativeRuntime() {}

        /** Comes before {@code main} in an executable that parses its own options, which ours does not ({@link SystemProperties}). */
        static void start() {
            VMRuntime.initialize();
        }
    }
}
