package io.tokenguardian.cluster;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A backend behind the API server's proxy that refuses all requests itself, with right and with slow clocks. */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class BackendIT {
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: backend}
            spec:
              selector: {app: backend}
              ports: [{name: right, port: 8000}, {name: behind, port: 8001}, {name: far-behind, port: 8002}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: backend}
            rules: [{apiGroups: [""], resources: [services/proxy], verbs: [create]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: backend}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: backend}
            subjects: [{kind: ServiceAccount, name: default}]
            """;

    private static final String LABEL = """
            metadata: {name: pod, labels: {app: backend}}
            spec: {terminationGracePeriodSeconds: 1}
            """;

    @Test
    void aBackends401ReachesTheAppAndThePostArrivesOnce(Cluster cluster) {
        cluster.create(SERVICE);
        Pods backend = new Pods(cluster)
                .add(1, Mode.UNGUARDED, LABEL, "backend", "8000:0", "8001:95", "8002:7200")
                .awaitStart();
        cluster.awaitEndpoints("backend");

        List<AppRun> callers = new Pods(cluster)
                .add(1, Mode.PROXY, "", "post", url("right"), url("behind"), url("far-behind"))
                .run();
        List<AppRun> backends = backend.delete(cluster.client()).run();

        Map<String, Long> arrivals =
                backends.stream().flatMap(run -> run.lines().stream()).collect(groupingBy(line -> line, counting()));
        assertThat(arrivals).isEqualTo(Map.of("arrived 0", 1L, "arrived 95", 1L, "arrived 7200", 1L));
        assertThat(callers).flatExtracting(AppRun::lines).hasSize(3).allMatch(line -> line.startsWith("post 401:0 "));
    }

    private static String url(String port) {
        return "http://127.0.0.1:8001/api/v1/namespaces/" + Cluster.NAMESPACE + "/services/backend:" + port + "/proxy/";
    }
}
