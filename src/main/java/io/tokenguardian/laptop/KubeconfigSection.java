package io.tokenguardian.laptop;

import io.tokenguardian.command.ExitCode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A section of a kubeconfig, such as {@code user "admin" in /home/me/.kube/config}. Its fields may be secrets. */
record KubeconfigSection(String name, Path file, JsonObject fields) {
    private static final Set<Object> EMPTY = Set.of("", new JsonArray(), new JsonObject());

    /** Whether {@code field} is set. An empty field counts as absent, as in client-go. */
    boolean has(String field) {
        Object value = fields.getValue(field);
        return value != null && !EMPTY.contains(value);
    }

    /** The text in {@code field}; null if it is absent or empty. */
    @Nullable
    String text(String field) {
        return has(field) ? fields.getString(field) : null;
    }

    JsonArray list(String field) {
        return has(field) ? fields.getJsonArray(field) : new JsonArray();
    }

    List<JsonObject> objects(String field) {
        return has(field) ? ParsedPod.objects(fields, field) : List.of();
    }

    boolean isTrue(String field) {
        return Boolean.TRUE.equals(fields.getBoolean(field));
    }

    /** The content of {@code field-data}, which is base64, or of the file that {@code field} names; null if neither. */
    byte @Nullable [] bytes(String field) throws CheckFailedException {
        String data = text(field + "-data");
        String path = text(field);
        try {
            if (data != null) {
                return Base64.getMimeDecoder().decode(data);
            }
            return path == null ? null : Files.readAllBytes(path(path));
        } catch (IllegalArgumentException e) {
            throw fault(field + "-data is not base64");
        } catch (IOException e) {
            throw fault(
                    field + " is the file " + path(String.valueOf(path)) + ", which does not exist or can't be read");
        }
    }

    /** Resolves a path relative to the kubeconfig file. */
    Path path(String text) {
        return file.resolveSibling(text).toAbsolutePath().normalize();
    }

    /** @param what one line that states what is wrong and what is allowed */
    CheckFailedException fault(String what) {
        return new CheckFailedException(ExitCode.UNREADABLE, name + ": " + what);
    }

    @Override
    public String toString() {
        return name;
    }
}
