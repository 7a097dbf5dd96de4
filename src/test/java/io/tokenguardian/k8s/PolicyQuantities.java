package io.tokenguardian.k8s;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/** The part of an API server's CEL quantities that the policies use ({@code pkg/cel/library/quantity.go}). */
final class PolicyQuantities {
    private static final OpaqueType QUANTITY = OpaqueType.create("kubernetes.Quantity");

    static final List<CelFunctionDecl> DECLARATIONS = List.of(
            CelFunctionDecl.newFunctionDeclaration(
                    "quantity", CelOverloadDecl.newGlobalOverload("string_to_quantity", QUANTITY, SimpleType.STRING)),
            CelFunctionDecl.newFunctionDeclaration(
                    "isGreaterThan",
                    CelOverloadDecl.newMemberOverload(
                            "quantity_is_greater_than", SimpleType.BOOL, QUANTITY, QUANTITY)));

    static final List<CelFunctionBinding> BINDINGS = List.of(
            CelFunctionBinding.from("string_to_quantity", String.class, Quantity::parse),
            CelFunctionBinding.from(
                    "quantity_is_greater_than",
                    Quantity.class,
                    Quantity.class,
                    (quantity, other) -> quantity.getNumericalAmount().compareTo(other.getNumericalAmount()) > 0));

    private PolicyQuantities() {}
}
