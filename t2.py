import re
def sub(f,*pairs):
    s=open(f).read()
    for a,b in pairs:
        if a not in s: print(f,'MISSING',a[:80]); continue
        s=s.replace(a,b)
    open(f,'w').write(s)
# ScriptedServer.always
sub('ScriptedServer.java',("""    /** Makes a server that gives this response to each request. */
    static ScriptedServer answering(String statusAndHeaders, String body) throws IOException {
        return new ScriptedServer(connection -> {
            while (!connection.readHead().isEmpty()) {
                connection.answer(statusAndHeaders, body);
            }
        });
    }
""","""    /** Returns a script with this response to each request. */
    static Script always(String statusAndHeaders, String body) {
        return connection -> {
            while (!connection.readHead().isEmpty()) {
                connection.answer(statusAndHeaders, body);
            }
        };
    }

    /** Makes a server that gives this response to each request. */
    static ScriptedServer answering(String statusAndHeaders, String body) throws IOException {
        return new ScriptedServer(always(statusAndHeaders, body));
    }
"""))
# Limits
f='LimitsTest.java'
s=open(f).read()
parts=re.split(r'(?=\n    @Test\n)',s)
out=[]
for p in parts:
    for n in ('first','slow','ordinary'):
        m=re.search(r'        RawCaller '+n+r' = call\(\)(.*);\n\n?',p)
        if m:
            rest=m.group(1)
            p=p.replace(m.group(0),('        caller'+rest+';\n') if rest else '')
            p=re.sub(r'\b'+n+r'\.','caller.',p)
            break
    out.append(p)
s=''.join(out)
s=s.replace("""    private static ScriptedServer server() throws IOException {
        return ScriptedServer.answering("200 OK", "good");
    }
""","""    private static final ScriptedServer.Script GOOD = ScriptedServer.always("200 OK", "good");
""").replace('start(server()','start(GOOD')
s=s.replace("""    /** Its first answer comes after the release. */
    private static ScriptedServer lateServer() throws IOException {
        return new ScriptedServer(connection -> {
            connection.readHead();
            connection.awaitRelease();
            connection.answer("200 OK", "late");
            connection.readHead();
            connection.answer("200 OK", "next");
        });
    }
""","""    /** The first answer comes after the release. */
    private static final ScriptedServer.Script LATE = connection -> {
        connection.readHead();
        connection.awaitRelease();
        connection.answer("200 OK", "late");
        connection.readHead();
        connection.answer("200 OK", "next");
    };
""").replace('lateServer()','LATE')
s=s.replace("""    private static ScriptedServer silentServer() throws IOException {
        return new ScriptedServer(connection -> {
            connection.readHead();
            connection.awaitRelease();
        });
    }

    private static RunningProxy withTwoConnections(ScriptedServer server) throws IOException {
        return RunningProxy.before(server, draft -> draft.capacity(10, 2)).using(TOKEN);
    }
""","""    private static final ScriptedServer.Script SILENT = connection -> {
        connection.readHead();
        connection.awaitRelease();
    };

    private void startWithTwoConnections(ScriptedServer.Script script) throws IOException {
        start(script, draft -> draft.capacity(10, 2)).using(TOKEN);
    }
""").replace('silentServer()','SILENT').replace('withTwoConnections(','startWithTwoConnections(').replace('startstartWith','startWith').replace('void startstart','void start')
s=s.replace("""        List<RawCaller> callers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                callers.add(proxy.call());
            }
            RawCaller last = proxy.call();
            callers.add(last);
            assertThat(last.get("/", "").readAnswer()).endsWith("good");
            await().until(() -> proxy.proxy().callers().size() <= 3);
        } finally {
            for (RawCaller caller : callers) {
                caller.close();
            }
        }
""","""        for (int i = 0; i < 20; i++) {
            call();
        }
        assertThat(call().get("/", "").readAnswer()).endsWith("good");
        await().until(() -> proxy.proxy().callers().size() <= 3);
""")
a=s.index("        List<RawCaller> callers = new ArrayList<>();\n        try {\n            // Given endless")
b=s.index("    @Test\n    void aBodyOfOneByteChunks")
s=s[:a]+"""
        // Given endless headers that use up the budget
        long heads = StrictRequestDecoder.BUDGET / (60_000 - StrictRequestDecoder.FREE);
        for (int i = 0; i < heads; i++) {
            call().send(large);
        }
        Semaphore budget = proxy.proxy().context().headBudget();
        await().until(() -> budget.availablePermits() < 60_000 - StrictRequestDecoder.FREE);

        // When
        RawCaller last = call().send(large);

        // Then
        assertThat(last.readAll()).startsWith("HTTP/1.1 503 ").contains("the proxy is overloaded");
        assertThat(caller.get("/", "").readAnswer()).endsWith("good");
    }

"""+s[b:]
open(f,'w').write(s)
