package io.tokenguardian.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;

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

    boolean isLabelled() {
        return "true".equals(object.getMetadata().getLabels().get("token-guardian.io/inject"));
    }

    @Override
    public String toString() {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
