package io.tokenguardian.proxy.upstream;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.DiscardingCaller;
import io.tokenguardian.proxy.request.Exchange;
import io.tokenguardian.proxy.request.UpstreamRequest;

/** A caller in a {@link SimulatedWorld}, with one request: a GET, or a POST whose body may arrive slowly. */
final class SimulatedCaller extends DiscardingCaller {

    final Exchange exchange;
    final long begun;
    private final SimulatedWorld world;
    private final boolean withBody;
    private boolean ended;

    SimulatedCaller(SimulatedWorld world) {
        this.world = world;
        begun = world.now;
        withBody = world.random.nextInt(4) == 0;
        HttpMethod method = withBody ? HttpMethod.POST : HttpMethod.GET;
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/api");
        request.headers().set("content-length", withBody ? 2 : 0);
        UpstreamRequest head =
                UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AsciiString.cached("host"), false);
        exchange = new Exchange(world.context, world.loopState, this, head, 1);
    }

    void begin() {
        if (world.random.nextInt(50) == 0) {
            world.after(world.random.nextInt(1_000), this::leave);
        }
        if (withBody) {
            receive(new DefaultHttpContent(ByteBufUtil.writeAscii(world.allocator, "a")));
            world.after(world.random.nextInt(2) * world.random.nextInt(100), () -> receiveLast("b"));
        } else {
            receiveLast("");
        }
    }

    private void receiveLast(String text) {
        receive(new DefaultLastHttpContent(ByteBufUtil.writeAscii(world.allocator, text)));
    }

    private void receive(HttpContent part) {
        if (ended) {
            part.release();
        } else {
            exchange.onRequestContent(part);
            exchange.onCallerReadComplete();
        }
    }

    private void leave() {
        if (!ended) {
            end();
            exchange.onCallerClosed();
        }
    }

    private void end() {
        world.rules.check(!ended, "a request ends twice");
        ended = true;
        world.callers.remove(this);
        world.rules.ended(this);
    }

    @Override
    protected void onHead(HttpResponse response) {
        world.rules.relayed(response.status().code(), response.headers().get(SimulatedReplica.CAUSE));
    }

    @Override
    protected void onEnd() {
        end();
    }

    @Override
    protected void onFault(ProxyFault fault) {
        world.rules.failed(this, fault);
        end();
    }
}
