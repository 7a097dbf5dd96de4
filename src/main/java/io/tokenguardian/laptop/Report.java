package io.tokenguardian.laptop;

import io.tokenguardian.token.PrintableText;
import io.vertx.core.json.JsonObject;

/** What {@code explain} and {@code check --kubeconfig} print. */
interface Report {
    PrintedReport printed();

    JsonObject json();

    default String text() {
        return printed().text();
    }

    default String svg() {
        return printed().svg();
    }

    default String in(OutputFormat format) {
        return switch (format) {
            case text -> text();
            case json -> PrintableText.json(json());
            case svg -> svg();
        };
    }
}
