package io.tokenguardian.k8s;

import java.util.Map;

/**
 * A value that an {@code Object.…{}} of a policy makes.
 *
 * @param type its name, which says the path to it: {@code Object.spec.initContainers}
 * @param fields those that are set
 */
record ObjectValue(String type, Map<String, Object> fields) {}
