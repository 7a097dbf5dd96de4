package io.tokenguardian.proxy;

import java.util.ArrayList;
import java.util.List;

/**
 * One request and one set of rules.
 *
 * @param path the request target
 * @param outcome the result
 */
public record RuleCase(Rules rules, String method, String path, String host, Outcome outcome) {

    /** The result of a request, here and with kubectl proxy. */
    public enum Outcome {
        /** Both proxies send the request to the API server. */
        PASSES,

        /** Neither proxy sends the request. */
        REFUSED,

        /** kubectl proxy sends the request; this proxy deliberately refuses it ({@code docs/decisions/http.md}). */
        STRICTER
    }

    /** The four settings, as text; the flags of kubectl proxy have the same names. */
    record Rules(String acceptHosts, String acceptPaths, String rejectPaths, String rejectMethods) {

        /** Accepts everything that kubectl proxy's defaults accept, and also exec and attach. */
        static final Rules OPEN = new Rules("^localhost$", "^.*", "", "");

        Rules acceptHosts(String patterns) {
            return new Rules(patterns, acceptPaths, rejectPaths, rejectMethods);
        }

        Rules acceptPaths(String patterns) {
            return new Rules(acceptHosts, patterns, rejectPaths, rejectMethods);
        }

        Rules rejectPaths(String patterns) {
            return new Rules(acceptHosts, acceptPaths, patterns, rejectMethods);
        }

        Rules rejectMethods(String patterns) {
            return new Rules(acceptHosts, acceptPaths, rejectPaths, patterns);
        }
    }

    @Override
    public String toString() {
        return method + " " + path + " of " + host + " under " + rules + ": " + outcome;
    }

    /** Returns cases that show the meaning of each kind of kubectl proxy's rules. */
    public static List<RuleCase> all() {
        Table table = new Table();
        anywhereInThePath(table);
        whatIsMatched(table);
        linesAndTheirEnds(table);
        classes(table);
        flagsAndEscapes(table);
        notUtf8(table);
        readInTwoWays(table);
        hosts(table);
        methods(table);
        together(table);
        return table.cases;
    }

    private static void anywhereInThePath(Table table) {
        table.accept("^/api/").passes("/api/v1/pods", "/api/").refuses("/version", "/API/v1", "/x/api/", "/api");
        table.accept("pods").passes("/api/v1/pods/p", "/pods").refuses("/api/v1/nodes", "/api/v1/pod");
        table.accept("^/api/,^/apis/").passes("/api/v1", "/apis/apps").refuses("/version", "/api,/apis/");
        table.accept("^/api/|/logs$").passes("/api/v1", "/x/logs").refuses("/logs/x");
        table.accept("^.*").passes("/", "/x", "/%0A");
        table.reject("/secrets")
                .refuses("/api/v1/secrets", "/api/v1/secrets/s", "/secretsx")
                .passes("/api/v1/pods");
        table.reject("^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach")
                .refuses("/api/v1/namespaces/n/pods/p/exec", "/api/v1/namespaces/n/pods/p/attach?stdin=true")
                .refuses("/api/v1/namespaces/n/pods/p/exec/x", "/api/v1/namespaces/n/pods/p/%65xec")
                .passes("/api/v1/namespaces/n/pods/execute", "/api/v1/namespaces/n/pods/p/portforward")
                .passes("/apis/v1/namespaces/n/pods/p/exec", "/api/v1/namespaces/n/pods/p/%0A/exec");
    }

    private static void whatIsMatched(Table table) {
        table.accept("^/a$").passes("/a?x", "/a?/b", "/a?", "/%61").refuses("/a/", "/b?/a");
        table.accept("^/a b$").passes("/a%20b").refuses("/a+b");
        table.accept("^/a\\+b$").passes("/a+b", "/a%2Bb");
        table.accept("^/a\\?b$").passes("/a%3Fb").refuses("/a?b");
        table.accept("^/a;b=c$").passes("/a;b=c", "/a%3bb%3Dc");
        table.accept("^/\\x{E9}$").passes("/%C3%A9", "/%c3%a9").refuses("/e%CC%81");
        table.accept("^/$").refuses("/", "/x", "/?x");
        table.accept("^$").passes("/", "/?x").refuses("/x");
        table.accept("^/").passes("/x").refuses("/");
        table.reject("^$").refuses("/").passes("/x");
        table.reject("^/$").isStricterAbout("/", "/?x").passes("/x");
    }

    private static void linesAndTheirEnds(Table table) {
        table.accept("^/a.b$")
                .passes("/axb", "/a%0Db", "/a%C2%85b", "/a%E2%80%A8b", "/a%E2%80%A9b", "/a%00b", "/a%F0%9F%98%80b")
                .refuses("/ab", "/a%0Ab", "/a%0D%0Ab");
        table.reject("^/a.b$")
                .refuses("/a%0Db", "/a%C2%85b", "/a%E2%80%A8b", "/a%E2%80%A9b")
                .passes("/a%0Ab");
        table.accept("^/a$").passes("/a").refuses("/a%0A", "/a%0D", "/a%0D%0A", "/a%C2%85", "/a%E2%80%A8");
        table.reject("^/a$").refuses("/a").passes("/a%0A", "/a%0D");
        table.accept("\\A/a\\z").passes("/a").refuses("/a%0A");
        table.accept("(?m)^b$").passes("/a%0Ab", "/a%0Ab%0A").refuses("/b", "/a%0Db", "/a%C2%85b", "/a%0Ab%0D");
        table.accept("(?s)^/a.b$").passes("/a%0Ab").refuses("/a%0D%0Ab");
        table.accept("^/[^a]$").passes("/%0A", "/b", "/%E2%80%A8").refuses("/a");
    }

    private static void classes(Table table) {
        table.accept("^/[[:alnum:]]+$").passes("/xyZ9").refuses("/:", "/a%C3%A9", "/a-b");
        table.reject("^/[[:alnum:]]+$").refuses("/xyZ9", "/q").passes("/:");
        table.accept("^/[[:^alpha:]]$").passes("/9", "/%C3%A9").refuses("/a");
        table.accept("^/[[:space:]]$")
                .passes("/%09", "/%0A", "/%0B", "/%0C", "/%0D", "/%20")
                .refuses("/%C2%A0");
        table.accept("^/\\s$").passes("/%09", "/%0A", "/%0C", "/%0D", "/%20").refuses("/%0B", "/%C2%85", "/%E2%80%A8");
        table.accept("^/\\d$").passes("/9").refuses("/%D9%A1", "/a");
        table.accept("^/\\w$").passes("/_", "/a").refuses("/%C3%A9", "/-");
        table.accept("^/\\W$").passes("/%C3%A9", "/-").refuses("/a");
        table.accept("^/a\\b.$").passes("/a%C3%A9", "/a-").refuses("/ab", "/a_");
        table.accept("^/[a&&b]$").passes("/a", "/b", "/&").refuses("/c");
        table.reject("^/[a&&b]$").refuses("/a", "/b");
        table.accept("^/[a[bc]]$").passes("/a]", "/b]", "/[]").refuses("/a", "/b");
        table.accept("^/[a-]$").passes("/a", "/-");
        table.accept("^/[]a]$").passes("/]", "/a");
    }

    private static void flagsAndEscapes(Table table) {
        table.accept("(?i)^/api$").passes("/API", "/aPi").refuses("/ap%C4%B1", "/ap%C4%B0");
        table.accept("(?i)^/k$").passes("/k", "/K", "/%E2%84%AA");
        table.reject("(?i)^/s$").refuses("/s", "/S", "/%C5%BF");
        table.accept("(?i)^/[^a-z]$").passes("/9", "/%C3%A9").refuses("/q", "/Q", "/%E2%84%AA");
        table.accept("(?U)^/\\w$").passes("/a").refuses("/%C3%A9");
        table.accept("(?U)^/a+$").passes("/aaa");
        table.accept("^/(?:a|b)(?P<n>c)$").passes("/ac", "/bc");
        table.accept("^/\\Qa.b\\E$").passes("/a.b").refuses("/axb");
        table.accept("^/\\v$").passes("/%0B").refuses("/%0A", "/%0D", "/v");
        table.accept("^/a\\0b$").passes("/a%00b");
        table.accept("^/\\x41\\x{1F600}$").passes("/A%F0%9F%98%80");
        table.accept("^/a{$").passes("/a%7B");
        table.accept("^/a{2}$").passes("/aa").refuses("/a", "/aaa");
        table.accept("^/a\\$b$").passes("/a$b").refuses("/a");
        table.reject("^/a\\$b$").refuses("/a$b");
        table.accept("^/a\\_b$").passes("/a_b");
    }

    private static void notUtf8(Table table) {
        table.accept("^/.$").passes("/%FF", "/%80", "/%EF%BF%BD").refuses("/%C0%AF", "/%F0%9F%98", "/%ED%A0%80");
        table.accept("^/..$").passes("/%C0%AF", "/%E2%84", "/%FF%FE");
        table.accept("^/...$").passes("/%F0%9F%98", "/%ED%A0%80", "/%80%C3%A9%80", "/%F0%9Fa");
        table.accept("^/....$").passes("/%F4%90%80%80", "/%F0%80%80%80");
        table.reject("^/\\x{FFFD}$").refuses("/%FF", "/%EF%BF%BD").passes("/%FF%FF");
        table.accept("^/\\xE9$").refuses("/%E9");
    }

    private static void readInTwoWays(Table table) {
        table.accept("^/api/")
                .isStricterAbout(
                        "/api/a%2Fb", "/api/a%2fb", "/api/a%25b", "/api/a%5Cb", "/api/a%2Eb", "/api/a\\b", "/api/a#b")
                .refuses("/api/../version", "/api/./v1", "/api/..", "/api//v1", "//api/", "/api/%2E%2e/version")
                .refuses("/api/%zz", "/api/%4", "/api/%");
    }

    private static void hosts(Table table) {
        table.host("^localhost$")
                .passes("localhost", "localhost:8001", "localhost:", "localhost:http")
                .refuses("LOCALHOST", "localhost.", "localhost.evil.example", "x.localhost:1", "127.0.0.1", "")
                .refuses("localhost:80:80", "[localhost]", "localhost]", "evil.example:8001");
        table.host("localhost").passes("localhost.evil.example", "x.localhost").refuses("x@localhost", "localhost/");
        table.host("^127\\.0\\.0\\.1$").passes("127.0.0.1", "127.0.0.1:8001").refuses("127a0b0c1", "127.0.0.1.nip.io");
        table.host("^\\[::1\\]$").passes("[::1]").refuses("[::1]:8001", "::1");
        table.host("^::1$").passes("[::1]:8001", "::1").refuses("[::1]", "[::1]8001", "[[::1]:1", "[::1]]:1");
        table.host("^my-host:8001$").refuses("my-host:8001", "my-host");
        table.host("1$").passes("127.0.0.1:9").refuses("evil.example:8001");
        table.host("8001").refuses("evil.example:8001");
        table.host("^a$,^b$").passes("a", "b:1").refuses("c");
        table.host(".*").passes("evil.example").isStricterAbout("");
    }

    private static void methods(Table table) {
        table.method("^(POST|PUT)$").refuses("POST", "PUT").passes("GET", "DELETE", "PATCH");
        table.method("ET").refuses("GET", "DELETE").passes("POST");
        table.method("GET,POST").refuses("GET", "POST").passes("PUT");
        table.method("^$").passes("GET");
        table.method("^post$").passes("POST");
        table.method("(?i)^post$").refuses("POST");
    }

    private static void together(Table table) {
        Rules rules = Rules.OPEN.acceptPaths("^/api/").rejectPaths("/secrets").rejectMethods("^DELETE$");
        table.add(rules, "GET", "/api/v1/pods", "localhost", Outcome.PASSES);
        table.add(rules, "GET", "/api/v1/secrets", "localhost", Outcome.REFUSED);
        table.add(rules, "DELETE", "/api/v1/pods", "localhost", Outcome.REFUSED);
        table.add(rules, "GET", "/version", "localhost", Outcome.REFUSED);
        table.add(rules, "GET", "/api/v1/pods", "evil.example", Outcome.REFUSED);
    }

    private static final class Table {
        private final List<RuleCase> cases = new ArrayList<>();

        private void add(Rules rules, String method, String path, String host, Outcome outcome) {
            cases.add(new RuleCase(rules, method, path, host, outcome));
        }

        Rows accept(String patterns) {
            return paths(Rules.OPEN.acceptPaths(patterns));
        }

        Rows reject(String patterns) {
            return paths(Rules.OPEN.rejectPaths(patterns));
        }

        private Rows paths(Rules rules) {
            return new Rows((path, outcome) -> add(rules, "GET", path, "localhost", outcome));
        }

        Rows host(String patterns) {
            return new Rows((host, outcome) -> add(Rules.OPEN.acceptHosts(patterns), "GET", "/x", host, outcome));
        }

        Rows method(String patterns) {
            return new Rows(
                    (method, outcome) -> add(Rules.OPEN.rejectMethods(patterns), method, "/x", "localhost", outcome));
        }
    }

    @FunctionalInterface
    private interface Row {
        void add(String subject, Outcome outcome);
    }

    /** The cases of one set of rules. */
    private record Rows(Row row) {
        Rows passes(String... subjects) {
            return all(Outcome.PASSES, subjects);
        }

        Rows refuses(String... subjects) {
            return all(Outcome.REFUSED, subjects);
        }

        Rows isStricterAbout(String... subjects) {
            return all(Outcome.STRICTER, subjects);
        }

        private Rows all(Outcome outcome, String... subjects) {
            for (String subject : subjects) {
                row.add(subject, outcome);
            }
            return this;
        }
    }
}
