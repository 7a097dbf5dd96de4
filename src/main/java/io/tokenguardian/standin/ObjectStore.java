package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The objects of the stand-in's cluster, kept in memory and, like etcd, shared by all replicas. Thread-safe. Objects
 * are copied when they are stored and when they are returned.
 */
public final class ObjectStore {

    private record Key(String namespace, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byNamespace = namespace.compareTo(other.namespace);
            return byNamespace == 0 ? name.compareTo(other.name) : byNamespace;
        }
    }

    /** One change. Changes are ordered by version. */
    private record Change(long version, ResourceType type, String namespace, String eventType, ObjectNode object) {}

    /** Not a record, because two watchers with equal fields are still different watchers. */
    private static final class Watcher {
        final ResourceType type;
        final @Nullable String namespace;
        final Consumer<ObjectNode> listener;

        Watcher(ResourceType type, @Nullable String namespace, Consumer<ObjectNode> listener) {
            this.type = type;
            this.namespace = namespace;
            this.listener = listener;
        }
    }

    private final InstantSource clock;
    private final Map<ResourceType, Map<Key, ObjectNode>> objects = new LinkedHashMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private long version = 1;

    ObjectStore(InstantSource clock) {
        this.clock = clock;
    }

    /** The version of the latest change. */
    synchronized long version() {
        return version;
    }

    /** Returns a copy of an object; null if it doesn't exist. {@code namespace} is empty for cluster-scoped kinds. */
    public synchronized @Nullable ObjectNode get(ResourceType type, String namespace, String name) {
        ObjectNode found = of(type).get(new Key(namespace, name));
        return found == null ? null : found.deepCopy();
    }

    /**
     * Returns copies of all objects of a kind, ordered by namespace and name. A null {@code namespace} means all
     * namespaces.
     */
    public synchronized List<ObjectNode> list(ResourceType type, @Nullable String namespace) {
        List<ObjectNode> found = new ArrayList<>();
        of(type).forEach((key, object) -> {
            if (namespace == null || key.namespace().equals(namespace)) {
                found.add(object.deepCopy());
            }
        });
        return found;
    }

    /** Adds {@code object} under its {@code metadata.name}, or under a name generated from {@code generateName}. */
    public synchronized ObjectNode create(ResourceType type, String namespace, ObjectNode object) {
        ObjectNode created = object.deepCopy();
        ObjectNode metadata = created.withObject("/metadata");
        String name = metadata.path("name").asText();
        if (name.isEmpty()) {
            String prefix = metadata.path("generateName").asText();
            if (prefix.isEmpty()) {
                throw StatusException.invalid(
                        type.group(),
                        type.kind(),
                        "",
                        "FieldValueRequired",
                        "metadata.name",
                        "Required value: name or generateName is required");
            }
            name = prefix + UUID.randomUUID().toString().substring(0, 5);
        }
        if (of(type).containsKey(new Key(namespace, name))) {
            throw StatusException.alreadyExists(type, name);
        }
        created.put("kind", type.kind()).put("apiVersion", type.apiVersion());
        metadata.put("name", name);
        if (type.namespaced()) {
            metadata.put("namespace", namespace);
        }
        metadata.put("uid", UUID.randomUUID().toString());
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        metadata.put("creationTimestamp", now.toString());
        return store(type, new Key(namespace, name), "ADDED", created);
    }

    /**
     * Replaces the object of this name with {@code object}. Throws a 409 if {@code object} is based on an outdated
     * version.
     */
    public synchronized ObjectNode replace(ResourceType type, String namespace, String name, ObjectNode object) {
        ObjectNode current = require(type, namespace, name);
        ObjectNode next = object.deepCopy();
        String readFrom = next.path("metadata").path("resourceVersion").asText();
        if (!readFrom.isEmpty()
                && !readFrom.equals(
                        current.path("metadata").path("resourceVersion").asText())) {
            throw StatusException.conflict(type, name);
        }
        if (!uid(next).isEmpty() && !uid(next).equals(uid(current))) {
            throw StatusException.conflict(
                    type,
                    name,
                    "StorageError: invalid object, Code: 4, Key: /registry/" + type.plural() + "/" + namespace + "/"
                            + name + ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in"
                            + " precondition: " + uid(next) + ", UID in object meta: "
                            + uid(current));
        }
        next.put("kind", type.kind()).put("apiVersion", type.apiVersion());
        ObjectNode metadata = next.withObject("/metadata");
        for (String kept : List.of("name", "namespace", "uid", "creationTimestamp")) {
            JsonNode value = current.path("metadata").get(kept);
            if (value != null) {
                metadata.set(kept, value);
            }
        }
        return store(type, new Key(namespace, name), "MODIFIED", next);
    }

    /**
     * Merges {@code patch} into the object ({@link MergePatch}). If the patch contains a uid, it must be the object's.
     */
    public synchronized ObjectNode patch(ResourceType type, String namespace, String name, ObjectNode patch) {
        ObjectNode next = require(type, namespace, name);
        String uid = uid(patch);
        if (!uid.isEmpty() && !uid.equals(uid(next))) {
            throw StatusException.immutable(type, name, "metadata.uid", uid);
        }
        ObjectNode changed = patch.deepCopy();
        MergePatch.apply(next, changed);
        return replace(type, namespace, name, next);
    }

    /** Removes the object, and returns its last state. */
    public synchronized ObjectNode delete(ResourceType type, String namespace, String name) {
        ObjectNode removed = require(type, namespace, name);
        of(type).remove(new Key(namespace, name));
        return publish(type, namespace, "DELETED", removed);
    }

    /**
     * Returns the uid of the object. If the object doesn't exist, first creates it with the content that {@code fill}
     * sets.
     */
    synchronized String uidOfOrCreate(ResourceType type, String namespace, String name, Consumer<ObjectNode> fill) {
        ObjectNode found = get(type, namespace, name);
        if (found == null) {
            ObjectNode object = Json.object();
            object.withObject("/metadata").put("name", name);
            fill.accept(object);
            found = create(type, namespace, object);
        }
        return uid(found);
    }

    /**
     * Passes {@code listener} a watch event for every change made to objects of {@code type} after version
     * {@code since}, in version order. Past changes are passed immediately. If {@code since} is 0, the existing objects
     * come first.
     *
     * @param namespace null for all namespaces
     * @param listener called while the store is locked, so it must return immediately
     * @return an action that ends the watch
     */
    synchronized Runnable watch(
            ResourceType type, @Nullable String namespace, long since, Consumer<ObjectNode> listener) {
        if (since == 0) {
            list(type, namespace).forEach(object -> listener.accept(event("ADDED", object)));
        } else {
            changes.stream()
                    .filter(change -> change.version() > since && change.type().equals(type))
                    .filter(change -> namespace == null || change.namespace().equals(namespace))
                    .forEach(change -> listener.accept(event(change.eventType(), change.object())));
        }
        Watcher watcher = new Watcher(type, namespace, listener);
        watchers.add(watcher);
        return () -> {
            synchronized (this) {
                watchers.remove(watcher);
            }
        };
    }

    static String uid(ObjectNode object) {
        return object.path("metadata").path("uid").asText();
    }

    private ObjectNode require(ResourceType type, String namespace, String name) {
        ObjectNode found = get(type, namespace, name);
        if (found == null) {
            throw StatusException.notFound(type, name);
        }
        return found;
    }

    private Map<Key, ObjectNode> of(ResourceType type) {
        return objects.computeIfAbsent(type, absent -> new TreeMap<>());
    }

    private ObjectNode store(ResourceType type, Key key, String eventType, ObjectNode object) {
        of(type).put(key, object);
        return publish(type, key.namespace(), eventType, object);
    }

    private ObjectNode publish(ResourceType type, String namespace, String eventType, ObjectNode object) {
        version++;
        object.withObject("/metadata").set("resourceVersion", TextNode.valueOf(Long.toString(version)));
        ObjectNode copy = object.deepCopy();
        changes.add(new Change(version, type, namespace, eventType, copy));
        ObjectNode event = event(eventType, copy);
        for (Watcher watcher : watchers) {
            if (watcher.type.equals(type) && (watcher.namespace == null || watcher.namespace.equals(namespace))) {
                watcher.listener.accept(event);
            }
        }
        return object.deepCopy();
    }

    private static ObjectNode event(String eventType, ObjectNode object) {
        ObjectNode event = Json.object();
        event.put("type", eventType).set("object", object);
        return event;
    }
}
