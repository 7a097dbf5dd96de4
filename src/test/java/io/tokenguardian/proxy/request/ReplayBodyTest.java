package io.tokenguardian.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplayBodyTest {

    private static final int LIMIT = 100_000;
    private static final int BUDGET = 200_000;

    private final Semaphore budget = new Semaphore(BUDGET);
    private ReplayBody body = new ReplayBody(-1, LIMIT, budget);
    private final EmbeddedChannel upstream = new EmbeddedChannel();
    private final List<ByteBuf> given = new ArrayList<>();

    private HttpContent part(String text) {
        return new DefaultHttpContent(bytes(text));
    }

    private HttpContent last(String text) {
        return new DefaultLastHttpContent(bytes(text));
    }

    private ByteBuf bytes(String text) {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        given.add(bytes);
        return bytes;
    }

    private void send() {
        var unused = body.send(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/"), upstream);
        upstream.flush();
    }

    /** Returns the parts of the body that were written since the last call, each as text. */
    private List<String> written() {
        upstream.flush();
        List<String> texts = new ArrayList<>();
        for (Object each = upstream.readOutbound(); each != null; each = upstream.readOutbound()) {
            if (each instanceof HttpContent content) {
                texts.add(content.content().toString(StandardCharsets.ISO_8859_1));
                content.release();
            } else {
                assertThat(each).isInstanceOf(HttpRequest.class);
            }
        }
        return texts;
    }

    @AfterEach
    void nothingIsKeptInTheEnd() {
        body.drop();
        upstream.finishAndReleaseAll();
        assertThat(given).allMatch(bytes -> bytes.refCnt() == 0);
        assertThat(budget.availablePermits()).isEqualTo(BUDGET);
    }

    @Test
    void aBodyBeyondOneTlsRecordIsWrittenAfterItsHeaders() {
        String text = "x".repeat(UpstreamRequestEncoder.COPIED_BODY + 1);
        body.keep(last(text));

        send();

        assertThat(upstream.<HttpRequest>readOutbound()).isNotInstanceOf(HttpContent.class);
        assertThat(written()).containsExactly(text);
    }

    @Test
    void smallPartsAreJoined() {
        for (String letter : List.of("h", "e", "l", "l", "o")) {
            body.keep(part(letter));
        }
        send();
        assertThat(written()).containsExactly("hello");
    }

    @Test
    void aPartThatIsJustTooLargeIsNotJoined() {
        body.keep(part("x".repeat(ReplayBody.SMALL)));
        body.keep(part("y".repeat(ReplayBody.SMALL + 1)));
        body.keep(part("z"));
        send();
        assertThat(written()).extracting(String::length).containsExactly(ReplayBody.SMALL, ReplayBody.SMALL + 1, 1);
    }

    @Test
    void joinedPartsAreChargedOnce() {
        body.keep(part("a"));
        body.keep(part("b"));
        assertThat(budget.availablePermits()).isEqualTo(BUDGET - ReplayBody.PART - ReplayBody.JOINED);
    }

    @Test
    void aFullBufferIsFollowedByAnother() {
        String text = "x".repeat(ReplayBody.SMALL);
        int parts = ReplayBody.JOINED / ReplayBody.SMALL + 1;
        for (int i = 0; i < parts; i++) {
            body.keep(part(text));
        }
        send();
        assertThat(written()).extracting(String::length).containsExactly(ReplayBody.JOINED, ReplayBody.SMALL);
    }

    @Test
    void aSmallPartIsPassedOnAtOnceAndKept() {
        body.keep(part("a"));
        send();
        body.passOn(part("b"), upstream);
        assertThat(written()).containsExactly("a", "b");
        send();
        assertThat(written()).containsExactly("ab");
    }

    @Test
    void passedOnPartsKeepTheirOrder() {
        send();
        written();
        body.passOn(part("a"), upstream);
        body.passOn(part("b".repeat(1000)), upstream);
        body.passOn(part("c"), upstream);
        body.passOn(last("d"), upstream);
        assertThat(String.join("", written())).isEqualTo("a" + "b".repeat(1000) + "cd");
    }

    @Test
    void aSecondSendingHasAllPartsOfTheFirst() {
        body.keep(part("a"));
        send();
        body.passOn(part("b"), upstream);
        body.passOn(last(""), upstream);
        written();
        send();
        assertThat(String.join("", written())).isEqualTo("ab");
    }

    @Test
    void partsAboveTheLimitAreWrittenAndNotKept() {
        send();
        written();
        body.passOn(part("x".repeat(LIMIT)), upstream);
        assertThat(body.isReplayable()).isTrue();
        body.passOn(part("y"), upstream);
        assertThat(body.isReplayable()).isFalse();
        assertThat(written()).extracting(String::length).containsExactly(LIMIT, 1);
        assertThat(budget.availablePermits()).isEqualTo(BUDGET);
    }

    @Test
    void partsAboveTheLimitAreKeptBeforeTheFirstSending() {
        body.keep(part("x".repeat(LIMIT)));
        body.keep(part("y"));
        assertThat(body.wantsMore()).isFalse();
        send();
        assertThat(written()).extracting(String::length).containsExactly(LIMIT, 1);
    }

    @Test
    void aBodyOfTheLimitIsKept() {
        body = new ReplayBody(LIMIT, LIMIT, budget);
        send();
        body.passOn(last("x".repeat(LIMIT)), upstream);
        assertThat(body.isReplayable()).isTrue();
    }

    @Test
    void aBodyThatIsAnnouncedAsTooLongIsSentAgainUntilMoreOfItIsSent() {
        body = new ReplayBody(LIMIT + 1, LIMIT, budget);
        body.keep(part("a"));
        assertThat(body.wantsMore()).isFalse();
        send();
        send();
        assertThat(body.isReplayable()).isTrue();
        assertThat(written()).containsExactly("a", "a");
    }

    @Test
    void nothingMoreIsKeptOfABodyThatIsAnnouncedAsTooLong() {
        body = new ReplayBody(LIMIT + 1, LIMIT, budget);
        body.keep(part("a"));
        send();
        body.passOn(part("b".repeat(1000)), upstream);
        assertThat(body.isReplayable()).isFalse();
        assertThat(budget.availablePermits()).isEqualTo(BUDGET);
        assertThat(String.join("", written())).isEqualTo("a" + "b".repeat(1000));
    }
}
