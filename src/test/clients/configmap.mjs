// The life of one config map, through @kubernetes/client-node: configmap.mjs URL NAME prints a line a step.
import { ApiException, CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';

const [url, name] = process.argv.slice(2);
const namespace = 'default';

const config = new KubeConfig();
config.loadFromOptions({
    // The library refuses http:// unless it is told not to verify TLS.
    clusters: [{ name: 'guardian', server: url, skipTLSVerify: true }],
    users: [{ name: 'nobody' }],
    contexts: [{ name: 'guardian', cluster: 'guardian', user: 'nobody' }],
    currentContext: 'guardian',
});
const core = config.makeApiClient(CoreV1Api);

const before = await core.listNamespacedConfigMap({ namespace });
console.log('listed', before.kind);

await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { key: 'value' } } });
const found = await core.readNamespacedConfigMap({ namespace, name });
console.log('created', found.data.key);

await core.deleteNamespacedConfigMap({ namespace, name });
try {
    await core.readNamespacedConfigMap({ namespace, name });
} catch (e) {
    if (!(e instanceof ApiException)) {
        throw e;
    }
    console.log('deleted', e.code);
}

const watch = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { resourceVersion: before.metadata.resourceVersion },
    (type, object) => {
        if (object.metadata.name === name) {
            console.log('watched', type);
            if (type === 'DELETED') {
                watch.abort();
            }
        }
    },
    (error) => {
        if (error && error.name !== 'AbortError') {
            console.error(error);
            process.exitCode = 1;
        }
    },
);
