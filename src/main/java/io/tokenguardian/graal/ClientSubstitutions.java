package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Delete;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
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
import io.fabric8.kubernetes.client.dsl.NetworkAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.PolicyAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.RbacAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.SchedulingAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.StorageAPIGroupDSL;
import io.fabric8.kubernetes.client.dsl.V1APIGroupDSL;
import io.fabric8.kubernetes.client.extended.run.RunOperations;

/**
 * In a native executable, removes the Kubernetes client's methods that refer to models. The guardian addresses its few
 * resources without models. A JVM links only what is called. A native build links everything that may be called, and
 * Quarkus registers all methods of {@code KubernetesClientImpl} for reflection, with the types in their signatures.
 * Nothing may call a deleted method ({@code ArchitectureTest}).
 */
@TargetClass(className = "io.fabric8.kubernetes.client.impl.KubernetesClientImpl")
final class ClientSubstitutions {
    /** The original registers the API groups and their models. */
    @Substitute
    void registerDefaultAdapters() {}

    /** The original registers handlers for pods, services, deployments and the like, with their models. */
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
    public native SchedulingAPIGroupDSL scheduling();

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
    public native ApiextensionsAPIGroupDSL apiextensions();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> certificateSigningRequests();

    @Delete
    public native CertificatesAPIGroupDSL certificates();

    @Delete
    public native AuthorizationAPIGroupDSL authorization();

    @Delete
    public native AuthenticationAPIGroupDSL authentication();

    @Delete
    public native InOutCreateable<?, ?> tokenReviews();

    @Delete
    public native DiscoveryAPIGroupDSL discovery();

    @Delete
    public native DynamicResourceAllocationAPIGroupDSL dynamicResourceAllocation();

    @Delete
    public native EventingAPIGroupDSL events();

    @Delete
    public native ExtensionsAPIGroupDSL extensions();

    @Delete
    public native FlowControlAPIGroupDSL flowControl();

    @Delete
    public native V1APIGroupDSL v1();

    @Delete
    public native AdmissionRegistrationAPIGroupDSL admissionRegistration();

    @Delete
    public native AppsAPIGroupDSL apps();

    @Delete
    public native AutoscalingAPIGroupDSL autoscaling();

    @Delete
    public native NetworkAPIGroupDSL network();

    @Delete
    public native StorageAPIGroupDSL storage();

    @Delete
    public native BatchAPIGroupDSL batch();

    @Delete
    public native MetricAPIGroupDSL top();

    @Delete
    public native PolicyAPIGroupDSL policy();

    @Delete
    public native RbacAPIGroupDSL rbac();

    @Delete
    public native MixedOperation<?, ?, ?> leases();

    @Delete
    public native RunOperations run();

    @Delete
    public native NonNamespaceOperation<?, ?, ?> runtimeClasses();
}
