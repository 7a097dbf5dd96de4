package io.tokenguardian.dev;

/** Which ways of asking "who am I" the server knows (docs/api-server.md, Who am I). */
public enum ServerAge {
    /** 1.28 and later: all of them. */
    CURRENT,
    /** SelfSubjectReview is a 404, after authentication. */
    WITHOUT_SELF_SUBJECT_REVIEW,
    /** SelfSubjectAccessReview is a 404 too; {@code GET /api} is left. */
    WITHOUT_SELF_SUBJECT_ACCESS_REVIEW
}
