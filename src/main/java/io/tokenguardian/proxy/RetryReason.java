package io.tokenguardian.proxy;

/** Why a request was sent again. */
public enum RetryReason {
    /** 401 from a replica whose clock has not reached the token's window. */
    NOT_YET_VALID("not-yet-valid"),

    /** 401 dated in the very second in which the window begins. */
    CROSSING("crossing"),

    /** 401, and another token than the one that was sent is in use by now. */
    OTHER_TOKEN("other-token"),

    /** 401 to a young token, without a reason to be seen: the replica may lag behind. */
    UNEXPLAINED("unexplained"),

    /** The connection ended under a request that may be sent twice; most often it had been idle for too long. */
    CONNECTION_LOST("connection-lost"),

    /** The API server said that it did not get to the request: GOAWAY. */
    NOT_PROCESSED("not-processed");

    private final String word;

    RetryReason(String word) {
        this.word = word;
    }

    /** As the metrics name it. */
    public String word() {
        return word;
    }

    static RetryReason of(RefusalJudge.Ruling ruling) {
        if (ruling instanceof RefusalJudge.Early) {
            return NOT_YET_VALID;
        }
        if (ruling instanceof RefusalJudge.AtOnce) {
            return CROSSING;
        }
        return ruling instanceof RefusalJudge.OtherToken ? OTHER_TOKEN : UNEXPLAINED;
    }

    static RetryReason of(UpstreamBreak cause) {
        return cause == UpstreamBreak.NOT_PROCESSED ? NOT_PROCESSED : CONNECTION_LOST;
    }
}
