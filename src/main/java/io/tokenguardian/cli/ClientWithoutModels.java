package io.tokenguardian.cli;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.AdmissionRegistrationAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.ApiextensionsAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.AppsAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.AuthenticationAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.AuthorizationAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.AutoscalingAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.BatchAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.CertificatesAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.DiscoveryAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.DynamicResourceAllocationAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.EventingAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.ExtensionsAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.FlowControlAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.InOutCreateable;
import io.fabric8.kubernetes.client.dsl.MetricAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NamespaceListVisitFromServerGetDeleteRecreateWaitApplicable;
import io.fabric8.kubernetes.client.dsl.NetworkAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.PolicyAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.RbacAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.SchedulingAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.StorageAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.V1APIGroupDSL;
import io.fabric8.kubernetes.client.extended.run.RunOperations;
import java.util.Collection;

/**
 * The Kubernetes client in a native executable, without the methods that name models: the guardian knows the few resources
 * that it touches by their names. A JVM links what is called; a native build links all that may be, and Quarkus lets each
 * method of this class be called by reflection.
 */
@SuppressWarnings("DoNotCallSuggester") // nothing calls them by this name
@TargetClass(className = "io.fabric8.kubernetes.client.impl.KubernetesClientImpl")
final class ClientWithoutModels {
    /** Makes a list of the models of the core, and so names them all. */
    @Substitute
    public NamespaceListVisitFromServerGetDeleteRecreateWaitApplicable<?> resourceList(HasMetadata... items) {
        throw new LeftOutException();
    }

    @Substitute
    public NamespaceListVisitFromServerGetDeleteRecreateWaitApplicable<?> resourceList(Collection<?> items) {
        throw new LeftOutException();
    }

    /** What the client could adapt itself to: the API groups, with the models of each. */
    @Substitute
    void registerDefaultAdapters() {}

    /** What the client knows more of than of any resource: pods, services, deployments, and the like. */
    @Substitute
    void registerDefaultHandlers() {}

    @Substitute
    public NonNamespaceOperation<?, ?, ?> componentstatuses() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> bindings() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> endpoints() {
        throw new LeftOutException();
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> namespaces() {
        throw new LeftOutException();
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> nodes() {
        throw new LeftOutException();
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> persistentVolumes() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> persistentVolumeClaims() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> pods() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> replicationControllers() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> resourceQuotas() {
        throw new LeftOutException();
    }

    @Substitute
    public SchedulingAPIGroupDSL scheduling() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> secrets() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> services() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> serviceAccounts() {
        throw new LeftOutException();
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> apiServices() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> configMaps() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> limitRanges() {
        throw new LeftOutException();
    }

    @Substitute
    public ApiextensionsAPIGroupDSL apiextensions() {
        throw new LeftOutException();
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> certificateSigningRequests() {
        throw new LeftOutException();
    }

    @Substitute
    public CertificatesAPIGroupDSL certificates() {
        throw new LeftOutException();
    }

    @Substitute
    public AuthorizationAPIGroupDSL authorization() {
        throw new LeftOutException();
    }

    @Substitute
    public AuthenticationAPIGroupDSL authentication() {
        throw new LeftOutException();
    }

    @Substitute
    public InOutCreateable<?, ?> tokenReviews() {
        throw new LeftOutException();
    }

    @Substitute
    public DiscoveryAPIGroupDSL discovery() {
        throw new LeftOutException();
    }

    @Substitute
    public DynamicResourceAllocationAPIGroupDSL dynamicResourceAllocation() {
        throw new LeftOutException();
    }

    @Substitute
    public EventingAPIGroupDSL events() {
        throw new LeftOutException();
    }

    @Substitute
    public ExtensionsAPIGroupDSL extensions() {
        throw new LeftOutException();
    }

    @Substitute
    public FlowControlAPIGroupDSL flowControl() {
        throw new LeftOutException();
    }

    @Substitute
    public V1APIGroupDSL v1() {
        throw new LeftOutException();
    }

    @Substitute
    public AdmissionRegistrationAPIGroupDSL admissionRegistration() {
        throw new LeftOutException();
    }

    @Substitute
    public AppsAPIGroupDSL apps() {
        throw new LeftOutException();
    }

    @Substitute
    public AutoscalingAPIGroupDSL autoscaling() {
        throw new LeftOutException();
    }

    @Substitute
    public NetworkAPIGroupDSL network() {
        throw new LeftOutException();
    }

    @Substitute
    public StorageAPIGroupDSL storage() {
        throw new LeftOutException();
    }

    @Substitute
    public BatchAPIGroupDSL batch() {
        throw new LeftOutException();
    }

    @Substitute
    public MetricAPIGroupDSL top() {
        throw new LeftOutException();
    }

    @Substitute
    public PolicyAPIGroupDSL policy() {
        throw new LeftOutException();
    }

    @Substitute
    public RbacAPIGroupDSL rbac() {
        throw new LeftOutException();
    }

    @Substitute
    public MixedOperation<?, ?, ?> leases() {
        throw new LeftOutException();
    }

    @Substitute
    public RunOperations run() {
        throw new LeftOutException();
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> runtimeClasses() {
        throw new LeftOutException();
    }
}
