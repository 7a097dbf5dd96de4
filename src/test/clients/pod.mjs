// An app in a pod, with @kubernetes/client-node: makes a config map in its own namespace of each name that it reads.
import { createInterface } from 'node:readline';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';

const config = new KubeConfig();
if (process.env.KUBECONFIG) {
    config.loadFromDefault();
} else {
    config.loadFromCluster();
}
const { namespace } = config.getContextObject(config.getCurrentContext());
const core = config.makeApiClient(CoreV1Api);

for await (const name of createInterface({ input: process.stdin })) {
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name } } });
    console.log(`configmap/${name} created`);
}
