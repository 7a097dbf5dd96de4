package io.tokenguardian.standin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A caller, as the server identifies it.
 *
 * @param name {@code system:serviceaccount:NAMESPACE:NAME}, {@code system:anonymous}, or a client certificate's CN
 * @param uid the uid of the service account; null for other callers
 * @param groups the O values of a client certificate, and the groups that the server adds
 * @param extra the credential id, node and pod, which the server has added since 1.30 or 1.32
 */
record User(String name, @Nullable String uid, List<String> groups, Map<String, List<String>> extra) {

    static final User ANONYMOUS = new User("system:anonymous", null, List.of("system:unauthenticated"), Map.of());

    static User of(PresentedToken token, String namespace, String name, @Nullable String uid) {
        Map<String, List<String>> extra = new LinkedHashMap<>();
        String tokenId = token.claims().getJWTID();
        if (tokenId != null) {
            extra.put("authentication.kubernetes.io/credential-id", List.of("JTI=" + tokenId));
        }
        add(extra, "node", token.node());
        add(extra, "pod", token.pod());
        return new User(
                "system:serviceaccount:" + namespace + ":" + name,
                uid,
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"),
                extra);
    }

    private static void add(
            Map<String, List<String>> extra, String what, PresentedToken.@Nullable Reference reference) {
        if (reference != null && reference.name() != null && reference.uid() != null) {
            extra.put("authentication.kubernetes.io/" + what + "-name", List.of(reference.name()));
            extra.put("authentication.kubernetes.io/" + what + "-uid", List.of(reference.uid()));
        }
    }
}
