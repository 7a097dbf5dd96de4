"""The life of one config map, through python3-kubernetes: configmap.py URL NAME prints a line a step."""

import sys

from kubernetes import client, watch

url, name = sys.argv[1:]
configuration = client.Configuration()
configuration.host = url
core = client.CoreV1Api(client.ApiClient(configuration))
NAMESPACE = "default"

before = core.list_namespaced_config_map(NAMESPACE)
print("listed", before.kind, flush=True)

body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data={"key": "value"})
core.create_namespaced_config_map(NAMESPACE, body)
print("created", core.read_namespaced_config_map(name, NAMESPACE).data["key"], flush=True)

core.delete_namespaced_config_map(name, NAMESPACE)
try:
    core.read_namespaced_config_map(name, NAMESPACE)
except client.ApiException as e:
    print("deleted", e.status, flush=True)

events = watch.Watch()
for event in events.stream(
    core.list_namespaced_config_map,
    NAMESPACE,
    resource_version=before.metadata.resource_version,
    timeout_seconds=20,
):
    if event["object"].metadata.name == name:
        print("watched", event["type"], flush=True)
        if event["type"] == "DELETED":
            events.stop()
