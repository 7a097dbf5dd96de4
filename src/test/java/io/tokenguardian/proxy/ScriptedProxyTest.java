package io.tokenguardian.proxy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** A proxy in front of a scripted API server, with a caller. Each test starts them, and they are closed after it. */
@SuppressWarnings("NullAway.Init") // start sets the fields
abstract class ScriptedProxyTest {
    ScriptedServer server;
    RunningProxy proxy;
    RawCaller caller;

    /** The last opened is closed first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Starts the server and the proxy. {@code change} is applied to the default settings. */
    RunningProxy start(ScriptedServer.Script script, UnaryOperator<SettingsDraft> change) throws IOException {
        server = new ScriptedServer(script);
        opened.push(server);
        proxy = RunningProxy.before(server, change);
        opened.push(proxy);
        caller = call();
        return proxy;
    }

    RunningProxy start(ScriptedServer.Script script) throws IOException {
        return start(script, draft -> draft);
    }

    /** Connects another caller. */
    RawCaller call() throws IOException {
        RawCaller made = proxy.call();
        opened.push(made);
        return made;
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }
}
