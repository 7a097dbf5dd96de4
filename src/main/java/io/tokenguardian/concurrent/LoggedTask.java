package io.tokenguardian.concurrent;

import org.jboss.logging.Logger;

/** A task that logs its failure. Netty would only store it in a future that no code reads. */
public record LoggedTask(Runnable task) implements Runnable {

    private static final Logger LOG = Logger.getLogger(LoggedTask.class);

    @Override
    public void run() {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.errorf("task=failed %s", FailureLine.of(e));
            throw e;
        }
    }
}
