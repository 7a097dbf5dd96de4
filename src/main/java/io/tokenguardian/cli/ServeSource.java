package io.tokenguardian.cli;

import io.tokenguardian.process.Siblings;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The guardian that serves in this pod, which may not be listening yet when a {@code postStart} hook runs.
 * {@code words} is {@link WaitOptions#wordsOfCommandLine}.
 */
record ServeSource(LocalListener listener, Siblings siblings, int words) implements ServeWait.Source {
    static final int LARGEST_STATUS = 1 << 20;

    /** The settings that determine where a guardian listens and which token it judges. */
    private static final Pattern SETTING =
            Pattern.compile("GUARDIAN_.*|KUBERNETES_SERVICE_(HOST|PORT)|QUARKUS_(HTTP|MANAGEMENT)_.*");

    @Override
    public String status(Duration limit) throws IOException {
        return listener.get("/status", LARGEST_STATUS, limit);
    }

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
