package io.tokenguardian.k8s;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.Map;
import java.util.Optional;

/**
 * The types of a policy's variables, and of the part of the namespace that is used here ({@code BuildNamespaceType} in
 * {@code k8s.io/apiserver}).
 */
final class VariableTypes implements CelTypeProvider {
    private static final MapType STRINGS = MapType.create(SimpleType.STRING, SimpleType.STRING);
    private static final StructType METADATA = struct(
            "kubernetes.NamespaceMetadata",
            ImmutableMap.of("name", SimpleType.STRING, "labels", STRINGS, "annotations", STRINGS));

    /** The type of {@code namespaceObject}. */
    static final StructType NAMESPACE = struct("kubernetes.Namespace", ImmutableMap.of("metadata", METADATA));

    private final ImmutableList<CelType> types;
    private final Optional<CelTypeProvider> others;

    /**
     * @param variables the types of the variables so far, by name
     * @param others resolves every other type
     */
    VariableTypes(Map<String, CelType> variables, Optional<CelTypeProvider> others) {
        this.others = others;
        types = ImmutableList.of(struct("kubernetes.variables", ImmutableMap.copyOf(variables)), METADATA, NAMESPACE);
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return types;
    }

    @Override
    public Optional<CelType> findType(String name) {
        return types.stream()
                .filter(type -> type.name().equals(name))
                .findFirst()
                .or(() -> others.flatMap(provider -> provider.findType(name)));
    }

    static StructType struct(String name, ImmutableMap<String, CelType> fields) {
        return StructType.create(name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }
}
