package io.tokenguardian.k8s;

import java.util.Map;

/**
 * A value that an {@code Object.…{}} of a policy creates.
 *
 * @param type the name of the type, which contains the path to the value: {@code Object.spec.initContainers}
 * @param fields the fields that are set
 */
record ObjectValue(String type, Map<String, Object> fields) {}
