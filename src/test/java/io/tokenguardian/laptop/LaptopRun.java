package io.tokenguardian.laptop;

import java.io.PrintWriter;

/** Runs a command of the laptop's program in this JVM. */
public final class LaptopRun {
    private LaptopRun() {}

    /** Returns the exit code. */
    public static int of(PrintWriter out, PrintWriter err, String... arguments) {
        return new LaptopMain("0.1.0").commands().setOut(out).setErr(err).execute(arguments);
    }
}
