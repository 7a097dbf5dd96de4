package io.tokenguardian.dev;

/** The APIs for "who am I" that the server provides (docs/api-server.md, Who am I). */
public enum ApiLevel {
    /** 1.28 and later: the server provides all of them. */
    CURRENT,
    /** After authentication, a SelfSubjectReview gets a 404. */
    WITHOUT_SELF_SUBJECT_REVIEW,
    /** A SelfSubjectAccessReview gets a 404 too. Only {@code GET /api} remains. */
    WITHOUT_SELF_SUBJECT_ACCESS_REVIEW
}
