"""An app in a pod, with python3-kubernetes: makes a config map in its own namespace of each name that it reads."""

import os
import sys

from kubernetes import client, config

if "KUBECONFIG" in os.environ:
    config.load_kube_config()
    namespace = config.list_kube_config_contexts()[1]["context"]["namespace"]
else:
    config.load_incluster_config()
    with open("/var/run/secrets/kubernetes.io/serviceaccount/namespace", encoding="ascii") as file:
        namespace = file.read()
core = client.CoreV1Api()

for line in sys.stdin:
    name = line.strip()
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name)))
    print(f"configmap/{name} created", flush=True)
