package io.tokenguardian.web;

import io.quarkus.runtime.Quarkus;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.token.PrintableText;
import io.tokenguardian.vetted.VettedFiles;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/** The routes for programs on the local listener: {@code GET /status} and {@code POST /quit}. */
@Singleton
final class LocalRoutes {
    private final Provider<Guardian> guardian;
    private final Provider<VettedFiles> vetted;
    private final Provider<StatusReport> report;
    private final Provider<Settings> settings;

    LocalRoutes(
            Provider<Guardian> guardian,
            Provider<VettedFiles> vetted,
            Provider<StatusReport> report,
            Provider<Settings> settings) {
        this.guardian = guardian;
        this.vetted = vetted;
        this.report = report;
        this.settings = settings;
    }

    void register(@Observes Router router) {
        LoopbackOnly loopbackOnly = new LoopbackOnly();
        router.get("/status").handler(loopbackOnly).handler(this::status);
        router.post("/quit").handler(loopbackOnly).handler(this::quit);
    }

    /** {@code wait} and {@code exec} read the status repeatedly until all files are written, but show no clocks. */
    private void status(RoutingContext context) {
        boolean filesWritten = vetted.get().haveAllBeenWritten();
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(PrintableText.json(report.get()
                        .ofServe(
                                filesWritten
                                        ? guardian.get().shownStatus()
                                        : guardian.get().tokenStatus(),
                                filesWritten)));
    }

    private void quit(RoutingContext context) {
        if (!settings.get().quitEnabled()) {
            context.response().setStatusCode(403).end("set guardian.quit.enabled=true to allow POST /quit\n");
            return;
        }
        context.response().end("quitting\n").onComplete(sent -> Quarkus.asyncExit(0));
    }
}
