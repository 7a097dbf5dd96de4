package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.proxy.http.ProxyFault;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The order in which requests get connections. */
class LeaseQueueTest {

    private final TokenSource source = new TokenSource();
    private final LeaseQueue queue = new LeaseQueue();

    private final class Request extends PlainRequest {
        private final String name;

        Request(String name) {
            super(source);
            this.name = name;
        }

        @Override
        public boolean isWhole() {
            return name.startsWith("whole");
        }

        @Override
        public void onLeased(Lease lease) {
            throw new IllegalStateException("nothing leases");
        }

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {
            throw new IllegalStateException("nothing fails");
        }

        @Override
        public void onLeaseWaits() {}

        @Override
        public String toString() {
            return name;
        }
    }

    private List<String> after(String... names) {
        for (String name : names) {
            queue.add(new Request(name), 0);
        }
        List<String> order = new ArrayList<>();
        while (queue.first() != null) {
            Object first = queue.first().request();
            LeaseRequest polled = queue.poll();
            assertThat(polled).isSameAs(first);
            order.add(String.valueOf(polled));
        }
        return order;
    }

    @Test
    void wholeRequestsKeepTheirOrder() {
        assertThat(after("whole 1", "whole 2", "whole 3")).containsExactly("whole 1", "whole 2", "whole 3");
    }

    @Test
    void uploadsKeepTheirOrder() {
        assertThat(after("upload 1", "upload 2", "upload 3")).containsExactly("upload 1", "upload 2", "upload 3");
    }

    @Test
    void uploadsAndWholeRequestsTakeTurns() {
        assertThat(after("upload 1", "upload 2", "upload 3", "whole 1", "whole 2"))
                .containsExactly("whole 1", "upload 1", "whole 2", "upload 2", "upload 3");
    }

    @Test
    void aWholeRequestWaitsForAtMostOneUpload() {
        after("whole 1");
        assertThat(after("upload 1", "upload 2", "whole 2")).containsExactly("upload 1", "whole 2", "upload 2");
    }

    /** Some clients send the body shortly after the headers. */
    @Test
    void anUploadThatBecomesCompleteIsAWholeRequest() {
        Request small = new Request("upload 3");
        queue.add(new Request("upload 1"), 0);
        queue.add(new Request("upload 2"), 0);
        queue.add(small, 0);
        queue.becameWhole(small);
        assertThat(after("whole 1")).containsExactly("upload 3", "upload 1", "whole 1", "upload 2");
    }

    @Test
    void aRemovedRequestGetsNoTurn() {
        Request upload = new Request("upload 1");
        queue.add(upload, 0);
        queue.remove(upload);
        assertThat(after("whole 1")).containsExactly("whole 1");
    }

    @Test
    void wholeRequestsComeFirstWhenAllAreTaken() {
        queue.add(new Request("upload 1"), 0);
        queue.add(new Request("whole 1"), 0);
        assertThat(queue.takeAll())
                .extracting(waiting -> waiting.request().toString())
                .containsExactly("whole 1", "upload 1");
        assertThat(queue.first()).isNull();
    }
}
