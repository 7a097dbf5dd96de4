package io.tokenguardian.dev;

/** The APIs for "who am I" that the server has (docs/api-server.md, Who am I). */
public enum ApiLevel {
    /** 1.28 and later: all of them. */
    CURRENT,
    /** SelfSubjectReview is a 404, after authentication. */
    WITHOUT_SELF_SUBJECT_REVIEW,
    /** SelfSubjectAccessReview is a 404 too; only {@code GET /api} remains. */
    WITHOUT_SELF_SUBJECT_ACCESS_REVIEW
}
