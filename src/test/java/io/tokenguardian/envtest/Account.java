package io.tokenguardian.envtest;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tokenguardian.standin.ClusterFiles;
import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A service account {@code app} in a new namespace, and its pod {@code app-0}, on real API servers. */
public final class Account {
    private static final String POD = """
            {"metadata": {"name": "app-0"}, "spec": {"serviceAccountName": "app", "nodeName": "node-1",
             "containers": [{"name": "main", "image": "app"}]}}""";

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private final ClusterFiles files;
    private final String namespace;
    private final String uid;
    private final String podUid;

    private Account(ClusterFiles files, String namespace, String uid, String podUid) {
        this.files = files;
        this.namespace = namespace;
        this.uid = uid;
        this.podUid = podUid;
    }

    public static Account create(ControlPlane plane) {
        Api admin = plane.apiServer(0).admin();
        String namespace = admin.namespace();
        String core = "/api/v1/namespaces/" + namespace;
        admin.post(core + "/pods", POD).succeeded();
        return new Account(
                plane.files(), namespace, admin.uid(core + "/serviceaccounts/app"), admin.uid(core + "/pods/app-0"));
    }

    public String namespace() {
        return namespace;
    }

    /** Returns the path of the account's namespace in the core API. */
    public String core() {
        return "/api/v1/namespaces/" + namespace;
    }

    public String pod() {
        return core() + "/pods/app-0";
    }

    public String user() {
        return "system:serviceaccount:" + namespace + ":app";
    }

    /** Returns the claims of a valid token of the pod. */
    public TokenSpec spec() {
        return ofPod(TokenSpec.unextended());
    }

    /** Returns the claims of a valid token of the pod whose lifetime the API server has extended. */
    TokenSpec extended() {
        return ofPod(TokenSpec.extended());
    }

    private TokenSpec ofPod(TokenSpec spec) {
        return spec.serviceAccount(namespace, "app")
                .serviceAccountUid(uid)
                .pod("app-0")
                .podUid(podUid)
                .node("node-1");
    }

    /** Binds the role of {@code k8s/rbac/NAME} to the account, without {@code verb}. */
    public void grant(String name, String verb) throws IOException {
        List<ObjectNode> objects = YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(Path.of("k8s/rbac", name, "role.yaml").toFile())
                .readAll();
        for (ObjectNode object : objects) {
            object.path("rules").forEach(rule -> {
                ArrayNode verbs = (ArrayNode) rule.path("verbs");
                verbs.removeIf(each -> each.asText().equals(verb));
                if (verbs.isEmpty()) {
                    verbs.add("none"); // a rule needs at least one verb
                }
            });
            object.path("subjects")
                    .forEach(subject -> ((ObjectNode) subject)
                            .removeAll()
                            .put("kind", "ServiceAccount")
                            .put("name", "app")
                            .put("namespace", namespace));
            create(object);
        }
    }

    /** Creates the object in the account's namespace. */
    private void create(ObjectNode object) {
        object.withObject("/metadata").put("namespace", namespace);
        String plural = object.path("kind").asText().toLowerCase(Locale.ROOT) + "s";
        ControlPlane.shared()
                .apiServer(0)
                .admin()
                .post("/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace + "/" + plural, object.toString())
                .succeeded();
    }

    /**
     * Allows the account to do everything with config maps. Returns when all API servers have applied the permission.
     */
    void allowConfigMaps() {
        Api admin = ControlPlane.shared().apiServer(0).admin();
        String rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace;
        admin.post(rbac + "/roles", """
                        {"metadata": {"name": "maps"},
                         "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]}]}
                        """).succeeded();
        admin.post(rbac + "/rolebindings", """
                        {"metadata": {"name": "maps"},
                         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "maps"},
                         "subjects": [{"kind": "ServiceAccount", "name": "app", "namespace": "%s"}]}
                        """.formatted(namespace)).succeeded();
        for (ApiServer server : ControlPlane.shared().apiServers()) {
            await().until(() -> server.with(token()).get(core() + "/configmaps").status() == 200);
        }
    }

    /** Issues a valid token. */
    public String token() {
        return files.issue(spec());
    }
}
