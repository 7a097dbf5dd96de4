import re
exec(open('/tmp/w/me/t2.py').read().split('# ScriptedServer.always')[0])
def unnest(f):
    s=open(f).read()
    # try (RawCaller X = proxy.call()...) { body }  -> statement, where X isn't closed on purpose
    while True:
        m=re.search(r'\n        try \(RawCaller (\w+) = proxy\.call\(\)([^\n]*)\) \{\n(.*?)\n        \}\n',s,re.S)
        if not m: break
        body='\n'.join(l[4:] if l.startswith('    ') else l for l in m.group(3).split('\n')).strip('\n')
        s=s[:m.start()]+'\n        RawCaller '+m.group(1)+' = call()'+m.group(2)+';\n'+body+'\n'+s[m.end():]
    open(f,'w').write(s)
def first(f,names):
    s=open(f).read()
    out=[]
    for p in re.split(r'(?=\n    @(?:Test|ParameterizedTest))',s):
        for n in names:
            m=re.search(r'        RawCaller '+n+r' = call\(\);\n\n?',p)
            if m:
                p=p.replace(m.group(0),'',1); p=re.sub(r'\b'+n+r'\.','caller.',p); break
        out.append(p)
    open(f,'w').write(''.join(out))
sub('LimitsTest.java',("""        try (RawCaller first = proxy.call()) {
            first.send(OPEN);
            await().until(() -> server.requests().size() == 1);
        }
""","""        caller.send(OPEN);
        await().until(() -> server.requests().size() == 1);
        caller.close();
"""),("        try (RawCaller third = proxy.call().get(\"/\", \"\")) {\n\n","        try (RawCaller third = proxy.call().get(\"/\", \"\")) {\n"))
unnest('LimitsTest.java')
sub('HoldTest.java',("""        try (RawCaller caller = proxy.call()) {
            caller.get("/", "");
            await().until(() -> proxy.counters().heldNow() == 1);
        }
""","""        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        caller.close();
"""),("""    private static ScriptedServer counting() throws IOException {
        return new ScriptedServer(connection -> {
            for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                connection.answer("200 OK", "got " + connection.readBody(head).length());
            }
        });
    }
""","""    private static final ScriptedServer.Script COUNTING = connection -> {
        for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
            connection.answer("200 OK", "got " + connection.readBody(head).length());
        }
    };
"""),('counting()','COUNTING'))
first('HoldTest.java',['first'])
sub('BackendRefusalTest.java',('sentTo(server, ','sentTo('),("private static List<String> sentTo(ScriptedServer server, String path)","private List<String> sentTo(String path)"))
first('BackendRefusalTest.java',['refused'])
sub('HeldAgainTest.java',("        AtomicReference<RunningProxy> running = new AtomicReference<>();\n",""),("running.get().using","proxy.using"),("        running.set(proxy);\n",""))
s=open('HeldAgainTest.java').read()
s=s.replace("        try (RawCaller caller = proxy.call().get(\"/\", \"\")) {","        caller.get(\"/\", \"\");\n        {")
open('HeldAgainTest.java','w').write(s)
sub('LoopCallersTest.java',('EmbeddedChannel caller = ','EmbeddedChannel late = '),('caller.eventLoop','late.eventLoop'),('loop, caller)','loop, late)'),('assertThat(caller.isOpen','assertThat(late.isOpen'))
first('PatienceTest.java',['one'])
sub('PatienceTest.java',("""        List<RawCaller> callers = new ArrayList<>();
        for (int i = 0; i < watches; i++) {
            RawCaller caller = proxy.call();
            callers.add(caller);
            assertThat(caller.get(""","""        for (int i = 0; i < watches; i++) {
            assertThat(call().get("""),("""        for (RawCaller each : callers) {
            each.close();
        }
""",""),("""        try (RawCaller caller = proxy.call()) {
            String answer = caller.get("/version", "").readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 200 ");
        }
""","""        String answer = caller.get("/version", "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
"""))
sub('ProofTest.java',("""    private static RunningProxy before(ScriptedServer server) throws IOException {
        return RunningProxy.before(server, draft -> draft.replayLimit(REPLAY_LIMIT));
    }
""","""    private RunningProxy before(ScriptedServer.Script script) throws IOException {
        return start(script, draft -> draft.replayLimit(REPLAY_LIMIT));
    }
"""),("""    /** Makes a proxy whose clock stands still, so it opens no other connection beside a slow one. */
    private static RunningProxy atOneTime(ScriptedServer server) throws IOException {
        return RunningProxy.before(
                server, draft -> draft.replayLimit(REPLAY_LIMIT).nanoTime(() -> 0));
    }
""","""    /** Starts a proxy whose clock stands still, so it opens no other connection beside a slow one. */
    private RunningProxy atOneTime(ScriptedServer.Script script) throws IOException {
        return start(script, draft -> draft.replayLimit(REPLAY_LIMIT).nanoTime(() -> 0));
    }
"""))
sub('StreamTest.java',("""        try (RawCaller caller = proxy.call()) {
            caller.get("/watch", "");
            caller.readTo("first\\r\\n");
        }
""","""        caller.get("/watch", "");
        caller.readTo("first\\r\\n");
        caller.close();
"""))
s=open('UpgradeCorpusTest.java').read()
s=s.replace("        RawCaller before = call();\n        assertThat(before.get","        assertThat(caller.get").replace("before.getStrictly","caller.getStrictly")
s=s.replace("try (RawCaller caller = proxy.call()) {\n            caller.send(","try (RawCaller upgraded = proxy.call()) {\n            upgraded.send(").replace("assertThat(caller.reader().response(\"GET\").status()).isEqualTo(101);\n        }","assertThat(upgraded.reader().response(\"GET\").status()).isEqualTo(101);\n        }")
open('UpgradeCorpusTest.java','w').write(s)
sub('ResponseDatesTest.java',("""    private static RunningProxy before(ScriptedServer server) throws IOException {
        // A short timeout, because a request that gets a 401 is held: the 401's Date is long before the token's window.
        return RunningProxy.before(
                        server,
                        draft -> draft.holdTimeout(Duration.ofMillis(50)).nanoTime(() -> 0))
                .using(TOKEN);
    }
""","""    private void start(String statusAndHeaders) throws IOException {
        // A short timeout, because a request that gets a 401 is held: the 401's Date is long before the token's window.
        start(
                        ScriptedServer.always(statusAndHeaders, ""),
                        draft -> draft.holdTimeout(Duration.ofMillis(50)).nanoTime(() -> 0))
                .using(TOKEN);
    }
"""),('before(ScriptedServer.always(status + headers, ""))','start(status + headers)'),('before(ScriptedServer.always("200 OK" + HEADER, ""))','start("200 OK" + HEADER)'),("private static Queue<Answer> reportedFor","private Queue<Answer> reportedFor"))
sub('HopelessWaitTest.java',("""    private static ScriptedServer refusing(String date) throws IOException {
        return ScriptedServer.answering(""","""    private static ScriptedServer.Script refusing(String date) {
        return ScriptedServer.always("""),("/** Makes a server that refuses","/** Returns a server that refuses"),("""    private RunningProxy acceptableIn(Duration time, ScriptedServer server) throws IOException {
        return RunningProxy.before(server).knowing(acceptableIn(time), TOKEN, now);
    }

    private RunningProxy refused(ScriptedServer server) throws IOException {
        return RunningProxy.before(server).knowing(REFUSED, TOKEN, now.minusSeconds(60));
    }
""","""    private void startAcceptableIn(Duration time) throws IOException {
        start(refusing(TOO_EARLY)).knowing(acceptableIn(time), TOKEN, now);
    }

    private void startRefused() throws IOException {
        start(refusing(INSIDE)).knowing(REFUSED, TOKEN, now.minusSeconds(60));
    }
"""),("refused(refusing(INSIDE))","startRefused()"),("acceptableIn(Duration.ofMinutes(1), refusing(TOO_EARLY))","startAcceptableIn(Duration.ofMinutes(1))"),("acceptableIn(Duration.ofHours(1), refusing(TOO_EARLY))","startAcceptableIn(Duration.ofHours(1))"),(", server);",");"),("private static void assertPassedOn(String answer, ScriptedServer server)","private void assertPassedOn(String answer)"))
