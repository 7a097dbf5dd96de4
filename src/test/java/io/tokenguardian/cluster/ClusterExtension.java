package io.tokenguardian.cluster;

import static org.junit.jupiter.api.Assumptions.abort;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * Supplies the cluster that all tests of a run share. Without a cluster, it prints one line and the tests are skipped.
 */
final class ClusterExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(ClusterExtension.class);

    /** The result of the only attempt to start the cluster. */
    private record Start(@Nullable Cluster cluster, String obstacle) implements AutoCloseable {
        static Start attempt() {
            try {
                return new Start(Cluster.start(), "");
            } catch (TestAbortedException e) {
                System.out.println("The cluster tests are skipped: " + e.getMessage());
                return new Start(null, String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void close() {
            if (cluster != null) {
                cluster.close();
            }
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        cluster(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cluster.class;
    }

    @Override
    public Cluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cluster(context);
    }

    private static Cluster cluster(ExtensionContext context) {
        Start start =
                context.getRoot().getStore(STORE).computeIfAbsent(Start.class, any -> Start.attempt(), Start.class);
        return start.cluster() == null ? abort(start.obstacle()) : start.cluster();
    }
}
