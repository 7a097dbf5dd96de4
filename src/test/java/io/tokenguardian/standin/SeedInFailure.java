package io.tokenguardian.standin;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Adds the seed to the message of a failure in a class whose stand-ins have chosen replicas at random. JUnit finds this
 * extension through {@code META-INF/services}.
 */
public final class SeedInFailure
        implements BeforeAllCallback, TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {

    @Override
    public void beforeAll(ExtensionContext context) {
        RandomSelection.forget();
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw withSeed(failure);
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw withSeed(failure);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw withSeed(failure);
    }

    static Throwable withSeed(Throwable failure) {
        if (failure instanceof TestAbortedException || !RandomSelection.mattered()) {
            return failure;
        }
        AssertionError named = new AssertionError(
                "%s%nConnections were dealt at random: -Dstandin.seed=%d repeats it"
                        .formatted(failure, RandomSelection.SEED),
                failure);
        named.setStackTrace(failure.getStackTrace());
        return named;
    }
}
