package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.tokenguardian.proxy.http.ProxyFault;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens the connections of one event loop, and limits the number of open connections. */
@SuppressWarnings("FutureReturnValueIgnored") // the close future has a listener
final class ConnectionOpener {

    private final EventLoop eventLoop;
    private final ReplicaConnector connector;
    private final int most;
    private int open;

    ConnectionOpener(EventLoop eventLoop, ReplicaConnector connector, int most) {
        this.eventLoop = eventLoop;
        this.connector = connector;
        this.most = most;
    }

    /** @param toReplica the request whose connection goes to a replica's own address; null for the service's address */
    void open(
            UpstreamPool pool,
            @Nullable LeaseRequest toReplica,
            Consumer<Upstream> opened,
            Consumer<ConnectionFault> failed) {
        if (open >= most) {
            String detail = "this event loop already has " + most + " connections to the API server";
            failed.accept(new ConnectionFault(ProxyFault.OVERLOADED, detail, true));
            return;
        }
        open++;
        UpstreamConnector.Outcome outcome = new UpstreamConnector.Outcome() {
            @Override
            public void connected(Upstream upstream) {
                upstream.channel().closeFuture().addListener(ended -> open--);
                opened.accept(upstream);
            }

            @Override
            public void failed(ConnectionFault fault) {
                open--;
                failed.accept(fault);
            }
        };
        if (toReplica == null) {
            connector.service().connect(eventLoop, pool, outcome);
        } else {
            connector.connectToReplica(toReplica, eventLoop, pool, outcome);
        }
    }
}
