package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Delete;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.builder.VisitableBuilder;
import io.fabric8.kubernetes.api.model.KubernetesListFluent;
import io.fabric8.kubernetes.client.dsl.InOutCreateable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.extended.run.RunOperations;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;

/**
 * Keeps the Kubernetes client's methods that refer to models out of a native executable. The guardian uses no models,
 * but Quarkus registers all methods of {@code KubernetesClientImpl}, and the types in their signatures, for reflection.
 * {@code ArchitectureTest} checks that the program calls none of the deleted methods.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // called by its original name
@TargetClass(className = "io.fabric8.kubernetes.client.impl.KubernetesClientImpl", onlyWith = TargetExists.class)
final class ClientSubstitutions {
    /** Replaces a method that registers the API groups and their models. */
    @Substitute
    void registerDefaultAdapters() {}

    /** Replaces a method that registers handlers for the kinds of resources, with their models. */
    @Substitute
    void registerDefaultHandlers() {}

    @Delete
    public native NonNamespaceOperation<?, ?, ?> componentstatuses();

    @Delete
    public native MixedOperation<?, ?, ?> bindings();

    @Delete
    public native MixedOperation<?, ?, ?> endpoints();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> namespaces();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> nodes();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> persistentVolumes();

    @Delete
    public native MixedOperation<?, ?, ?> persistentVolumeClaims();

    @Delete
    public native MixedOperation<?, ?, ?> pods();

    @Delete
    public native MixedOperation<?, ?, ?> replicationControllers();

    @Delete
    public native MixedOperation<?, ?, ?> resourceQuotas();

    @Delete
    public native MixedOperation<?, ?, ?> secrets();

    @Delete
    public native MixedOperation<?, ?, ?> services();

    @Delete
    public native MixedOperation<?, ?, ?> serviceAccounts();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> apiServices();

    @Delete
    public native MixedOperation<?, ?, ?> configMaps();

    @Delete
    public native MixedOperation<?, ?, ?> limitRanges();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> certificateSigningRequests();

    @Delete
    public native InOutCreateable<?, ?> tokenReviews();

    @Delete
    public native MixedOperation<?, ?, ?> leases();

    @Delete
    public native RunOperations run();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> runtimeClasses();

    /** Removes the code that fills lists of mixed kinds, because that code refers to the builders of the core kinds. */
    @TargetClass(value = KubernetesListFluent.class, onlyWith = TargetExists.class)
    static final class WithoutMixedLists {
        @Substitute
        static VisitableBuilder<?, ?> builder(Object item) {
            throw new UnsupportedOperationException("left out of this program");
        }
    }

    /**
     * Removes the JDK's own HTTP client but keeps its handler class: the Kubernetes client creates a {@link URL} for
     * each request, which would fail without the handler, but never opens it.
     */
    @TargetClass(className = "sun.net.www.protocol.http.Handler", onlyWith = TargetExists.class)
    static final class WithoutUrlConnections {
        @Substitute
        URLConnection openConnection(URL url, Proxy proxy) {
            throw new UnsupportedOperationException("left out of this program");
        }
    }
}
