package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TokenClaims;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenRequestTest {
    private static final Duration LIFETIME = Duration.ofSeconds(3607);

    @Test
    void aTokenRequestForAPodIsBoundToThePod() {
        TokenRequest request = new TokenRequest("shop", "app", LIFETIME, new TokenClaims.Reference("app-0", "3f2b"));

        assertThat(spec(request)).isEqualTo(new JsonObject("""
                        {"expirationSeconds": 3607, "boundObjectRef":
                          {"kind": "Pod", "apiVersion": "v1", "name": "app-0", "uid": "3f2b"}}"""));
    }

    private static JsonObject spec(TokenRequest request) {
        return new JsonObject(request.body()).getJsonObject("spec");
    }
}
