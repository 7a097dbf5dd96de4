package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Who is told what comes back over an {@link Upstream} while it is leased; always on its event loop. */
interface AnswerListener {

    /** A 1xx that is not the answer yet; its headers are the listener's to keep. */
    void informational(HttpResponse response);

    /** The head of the answer, 101 included. */
    void answerHead(HttpResponse response);

    /** A part of the body, the listener's to release; the last one is a {@code LastHttpContent}. */
    void answerContent(HttpContent content);

    /** Nothing more is there to be read at the moment. */
    void answerPaused();

    /** What is written to the upstream is taken again at once, or is not. */
    void upstreamWritable(boolean writable);

    /** The upstream is gone before the answer's end. */
    void upstreamBroke(UpstreamBreak cause);
}
