package io.tokenguardian.cli;

import io.tokenguardian.process.Siblings;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The guardian that serves beside this command: its status by the local listener, and its process, if that is in this
 * container. A {@code postStart} may begin before the guardian listens.
 *
 * @param words how many words of this process's command line are not the program's
 */
record ServeSource(LocalListener listener, Siblings siblings, int words) implements ServeWait.Source {
    static final int LARGEST_STATUS = 1 << 20;

    /** What decides where a guardian listens and which token it judges. */
    private static final Pattern SETTING =
            Pattern.compile("GUARDIAN_.*|KUBERNETES_SERVICE_(HOST|PORT)|QUARKUS_(HTTP|MANAGEMENT)_.*");

    @Override
    public String status(Duration limit) throws IOException {
        return listener.get("/status", LARGEST_STATUS, limit);
    }

    /** Whether a {@code serve} runs with the same properties before it, and the same settings in its environment. */
    @Override
    public boolean isRunning() {
        try {
            Map<String, String> own = settings(siblings.ownEnvironment());
            return siblings.anyMatch(
                    words,
                    sibling -> Main.serves(sibling.arguments().toArray(String[]::new))
                            && settings(sibling.environment()).equals(own));
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, String> settings(Map<String, String> environment) {
        Map<String, String> settings = new TreeMap<>(environment);
        settings.keySet().removeIf(name -> !SETTING.matcher(name).matches());
        return settings;
    }

    @Override
    public void pause(Duration pause) throws InterruptedException {
        Thread.sleep(pause.toMillis());
    }
}
