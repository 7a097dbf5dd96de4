package io.tokenguardian.k8s;

import java.util.Map;

/**
 * A value that an {@code Object.…{}} of a policy makes.
 *
 * @param type its name, which contains the path to it: {@code Object.spec.initContainers}
 * @param fields the fields that are set
 */
record ObjectValue(String type, Map<String, Object> fields) {}
