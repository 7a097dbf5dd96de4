import re,os
exec(open('/tmp/w/me/t2.py').read().split('# ScriptedServer.always')[0])
ext=lambda f:sub(f,('class '+f[:-5]+' {','class '+f[:-5]+' extends ScriptedProxyTest {'))
# HeldAgain into Hold
os.remove('HeldAgainTest.java')
s=open('HoldTest.java').read().rstrip()
assert s.endswith('}')
s=s[:-1]+"""
    @Test
    void aRefusedRequestWaitsUntilATokenIsUsableAgain() throws IOException {
        // Given a replica that treats the token as expired, after which no token is known to be accepted
        AtomicInteger heads = new AtomicInteger();
        start(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        if (heads.incrementAndGet() == 1) {
                            proxy.using((Token) null);
                            connection.answer("401 Unauthorized\\r\\nDate: Thu, 01 Jan 2026 03:00:00 GMT", "expired");
                        } else {
                            connection.answer("200 OK", "good");
                        }
                    }
                })
                .using(TOKEN);

        // When
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        proxy.using(TOKEN);

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("good");
    }
}
"""
s=s.replace("import org.junit","import java.util.concurrent.atomic.AtomicInteger;\nimport org.junit",1)
open('HoldTest.java','w').write(s)
# SavedRequests
f='SavedRequestsTest.java'; ext(f)
s=open(f).read()
s=s.replace("""    @AutoClose
    private final ScriptedServer server = new ScriptedServer(connection -> {
        while (!connection.readHead().isEmpty()) {
            connection.answer(refusals.getAndDecrement() > 0 ? refusal : "200 OK", "body");
        }
    });

    SavedRequestsTest() throws IOException {}

    private static String get(RunningProxy proxy, String headers) throws IOException {
        try (RawCaller caller = proxy.call()) {
            return caller.get("/", headers).readAnswer();
        }
    }

    private ProxyCounters.Saved saved(RunningProxy proxy) {
        return proxy.counters().saved();
    }
""","""    private RunningProxy start(AuthorizationPolicy policy) throws IOException {
        return start(
                connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer(refusals.getAndDecrement() > 0 ? refusal : "200 OK", "body");
                    }
                },
                draft -> draft.authorization(policy));
    }

    private RunningProxy start() throws IOException {
        return start(AuthorizationPolicy.REPLACE);
    }

    private String get(String headers) throws IOException {
        return caller.get("/", headers).readAnswer();
    }

    private ProxyCounters.Saved saved() {
        return proxy.counters().saved();
    }
""")
s=s.replace('get(proxy, ','get(').replace('saved(proxy)','saved()')
# unnest try RunningProxy
while True:
    m=re.search(r'\n        try \(RunningProxy proxy = RunningProxy\.before\(server(, draft -> draft\.authorization\(AuthorizationPolicy\.KEEP\))?\)\s*(\.using\(\w+\))?((?:;\s*RawCaller \w+ = proxy\.call\(\))*)\) \{\n(.*?)\n        \}\n',s,re.S)
    if not m: break
    body='\n'.join(l[4:] if l.startswith('    ') else l for l in m.group(4).split('\n'))
    names=re.findall(r'RawCaller (\w+)',m.group(3))
    extra=''.join('        RawCaller %s = call();\n'%n for n in names if n not in('caller','first'))
    if 'first' in names: body=re.sub(r'\bfirst\.','caller.',body)
    st='start('+('AuthorizationPolicy.KEEP' if m.group(1) else '')+')'+(m.group(2) or '')
    s=s[:m.start()]+'\n        '+st+';\n'+extra+body+'\n'+s[m.end():]
open(f,'w').write(s)
# OwnCredential
f='OwnCredentialTest.java'; ext(f)
sub(f,("""    private ScriptedServer server;
    private RunningProxy proxy;
    private RawCaller waiting;

""",""),("""        server = new ScriptedServer(connection -> {
            for (String head = connection.readAnyHead(); !head.isEmpty(); head = connection.readAnyHead()) {
                if (head.contains("Bearer own")) {
                    connection.answer("200 OK", "good");
                } else {
                    connection.answer("401 Unauthorized\\r\\nDate: Wed, 31 Dec 2025 23:00:00 GMT", "early");
                }
            }
        });
        proxy = RunningProxy.before(
                        server,
                        draft -> draft.authorization(AuthorizationPolicy.KEEP).nanoTime(() -> 0))
                .using(TOKEN);
        waiting = proxy.call().get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
    }

    @AfterEach
    void end() throws IOException {
        waiting.close();
        proxy.close();
        server.close();
    }

    private String getWithOwnCredential() throws IOException {
        try (RawCaller caller = proxy.call()) {
            return caller.get("/", OWN).readAnswer();
        }
    }
""","""        start(
                        connection -> {
                            for (String head = connection.readAnyHead();
                                    !head.isEmpty();
                                    head = connection.readAnyHead()) {
                                if (head.contains("Bearer own")) {
                                    connection.answer("200 OK", "good");
                                } else {
                                    connection.answer("401 Unauthorized\\r\\nDate: Wed, 31 Dec 2025 23:00:00 GMT", "early");
                                }
                            }
                        },
                        draft -> draft.authorization(AuthorizationPolicy.KEEP).nanoTime(() -> 0))
                .using(TOKEN);
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
    }

    private String getWithOwnCredential() throws IOException {
        return call().get("/", OWN).readAnswer();
    }
"""))
f='OwnClientTest.java'; ext(f)
sub(f,("""    @AutoClose
    private ScriptedServer server;

    @AutoClose
    private RunningProxy proxy;

""",""),("""        server = ScriptedServer.answering("200 OK", "good");
        proxy = RunningProxy.before(server, draft -> draft.acceptHosts("api")).using(Tokens.issuedAt(Instant.now()));
""","""        start(ScriptedServer.always("200 OK", "good"), draft -> draft.acceptHosts("api"))
                .using(Tokens.issuedAt(Instant.now()));
"""),("""        try (RawCaller caller = proxy.call()) {
            URI own = proxy.proxy().listenForOwnClient(CREDENTIAL);
            assertThat(own.getPort()).isNotEqualTo(proxy.port());

            caller.get("/api", "Proxy-Authorization: " + CREDENTIAL + "\\r\\n");

            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 403 ").contains("the host is not accepted");
            assertThat(proxy.counters().refusedByRule()).isEqualTo(1);
        }
""","""        URI own = proxy.proxy().listenForOwnClient(CREDENTIAL);
        assertThat(own.getPort()).isNotEqualTo(proxy.port());

        caller.get("/api", "Proxy-Authorization: " + CREDENTIAL + "\\r\\n");

        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 403 ").contains("the host is not accepted");
        assertThat(proxy.counters().refusedByRule()).isEqualTo(1);
"""))
f='StaleCallerRequestsTest.java'; ext(f)
sub(f,("""    @AutoClose
    private final ScriptedServer server = ScriptedServer.answering("200 OK", "good");

    StaleCallerRequestsTest() throws IOException {}

""",""),("""        try (RunningProxy proxy = RunningProxy.before(server, draft -> draft.authorization(policy))
                        .using(newest);
                RawCaller caller = proxy.call()) {
            StaleCallers callers = proxy.proxy().staleCallers();
            callers.accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));
            caller.get("/", "User-Agent: app/1\\r\\nAuthorization: Bearer " + sent.bearer() + "\\r\\n")
                    .readAnswer();
            return callers.callers(Instant.now());
        }
""","""        start(ScriptedServer.always("200 OK", "good"), draft -> draft.authorization(policy))
                .using(newest);
        StaleCallers callers = proxy.proxy().staleCallers();
        callers.accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));
        caller.get("/", "User-Agent: app/1\\r\\nAuthorization: Bearer " + sent.bearer() + "\\r\\n")
                .readAnswer();
        return callers.callers(Instant.now());
"""))
f='ProxyLogTest.java'; ext(f)
sub(f,("""    private static ScriptedServer server() throws IOException {
        return ScriptedServer.answering("200 OK", "good");
    }

""",""),("private static List<String> linesOf","private List<String> linesOf"),("""        try (LogRecords log = LogRecords.of(CATEGORY, Level.ALL);
                ScriptedServer server = server();
                RunningProxy proxy = RunningProxy.before(server);
                RawCaller caller = proxy.call()) {
""","""        try (LogRecords log = LogRecords.of(CATEGORY, Level.ALL)) {
            start(ScriptedServer.always("200 OK", "good"));
"""))
f='UnixSocketTest.java'; ext(f)
sub(f,("""    @AutoClose
    private ScriptedServer server;

""",""),("""    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.answering("200 OK", "hello");
        socket = directory.resolve("proxy.sock");
    }

    private RunningProxy proxy() throws IOException {
        return RunningProxy.before(server, draft -> draft.unixSocket(socket)).using(Tokens.issuedAt(Instant.now()));
    }
""","""    @BeforeEach
    void setSocket() {
        socket = directory.resolve("proxy.sock");
    }

    private void start() throws IOException {
        start(ScriptedServer.always("200 OK", "hello"), draft -> draft.unixSocket(socket))
                .using(Tokens.issuedAt(Instant.now()));
    }
"""),("""        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket)""","""        start();
        assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");

        proxy.close();

        assertThat(socket)"""),("""        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
        }
""","""        start();
        assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
"""),("() -> proxy().close()","this::start"))
f='InClusterListenerTest.java'; ext(f)
sub(f,("""    @AutoClose
    private ScriptedServer server;

    @AutoClose
    private RunningProxy proxy;

""",""),("""        server = ScriptedServer.answering("200 OK", "good");
        proxy = before(server).using(TOKEN);
    }

    private RunningProxy before(ScriptedServer server) throws IOException {
        return RunningProxy.before(server, draft -> draft.inCluster(directory.resolve("in-cluster")));
    }
""","""        start(ScriptedServer.always("200 OK", "good"), this::inCluster).using(TOKEN);
    }

    private SettingsDraft inCluster(SettingsDraft draft) {
        return draft.inCluster(directory.resolve("in-cluster"));
    }
"""),("before(large)","RunningProxy.before(large, this::inCluster)"),("before(server)","RunningProxy.before(server, this::inCluster)"))
