package io.tokenguardian.standin;

/** Which "who am I" APIs the server provides (docs/api-server.md, Who am I). */
public enum ApiLevel {
    /** 1.28 and later: the server provides all of them. */
    CURRENT,
    /** An authenticated SelfSubjectReview gets a 404. */
    WITHOUT_SELF_SUBJECT_REVIEW,
    /** A SelfSubjectAccessReview also gets a 404. Only {@code GET /api} is still provided. */
    WITHOUT_SELF_SUBJECT_ACCESS_REVIEW
}
