package io.tokenguardian.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.stream.Stream;

/** The pods of an object, wherever the object describes them. */
record Workload(HasMetadata object, PodTemplateSpec template) {

    static List<Workload> all(String yaml) {
        return Manifests.objects(yaml).stream()
                .map(object -> new Workload(object, template(object)))
                .toList();
    }

    private static PodTemplateSpec template(HasMetadata object) {
        if (object instanceof Deployment deployment) {
            return deployment.getSpec().getTemplate();
        } else if (object instanceof StatefulSet stateful) {
            return stateful.getSpec().getTemplate();
        } else if (object instanceof DaemonSet daemon) {
            return daemon.getSpec().getTemplate();
        } else if (object instanceof Job job) {
            return job.getSpec().getTemplate();
        } else if (object instanceof CronJob cron) {
            return cron.getSpec().getJobTemplate().getSpec().getTemplate();
        }
        return new PodTemplateSpec(object.getMetadata(), ((Pod) object).getSpec());
    }

    private PodSpec pod() {
        return template.getSpec();
    }

    boolean isLabelled() {
        return "true".equals(object.getMetadata().getLabels().get("token-guardian.io/inject"));
    }

    List<String> mountPaths(String container) {
        return mounts(container).map(VolumeMount::getMountPath).toList();
    }

    List<String> writableMountPaths(String container) {
        return mounts(container)
                .filter(mount -> !Boolean.TRUE.equals(mount.getReadOnly()))
                .map(VolumeMount::getMountPath)
                .toList();
    }

    private Stream<VolumeMount> mounts(String container) {
        return Stream.concat(pod().getInitContainers().stream(), pod().getContainers().stream())
                .filter(candidate -> candidate.getName().equals(container))
                .flatMap(candidate -> candidate.getVolumeMounts().stream());
    }

    @Override
    public String toString() {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
