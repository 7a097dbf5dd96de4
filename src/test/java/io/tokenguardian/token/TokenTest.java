package io.tokenguardian.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.util.Base64URL;
import io.tokenguardian.token.TokenClaims.Reference;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {
    private static final Instant ISSUED_AT = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void theHomeNamespaceIsTheClaims() {
        assertThat(TestTokens.issuedAt(ISSUED_AT)
                        .subject("system:serviceaccount:other:cart")
                        .token()
                        .claims()
                        .serviceAccountNamespace())
                .contains("shop");
    }

    @Test
    void withoutThatClaimTheHomeNamespaceIsTheSubjects() {
        assertThat(TestTokens.issuedAt(ISSUED_AT)
                        .kubernetes("namespace", null)
                        .token()
                        .claims()
                        .serviceAccountNamespace())
                .contains("shop");
    }

    @Test
    void anotherKindOfBearerHasNoHomeNamespace() {
        TestTokens person = TestTokens.issuedAt(ISSUED_AT).kubernetes("namespace", null);

        assertThat(person.subject("jane").token().claims().serviceAccountNamespace())
                .isEmpty();
        assertThat(person.claim("sub", null).token().claims().serviceAccountNamespace())
                .isEmpty();
    }

    @Test
    void everyClaimThatTheApiServerWritesIsRead() throws TokenFormatException {
        // Given
        String text = TestTokens.issuedAt(ISSUED_AT)
                .notBefore(ISSUED_AT.plusSeconds(1))
                .kubernetes("secret", TestTokens.reference("cart-token", "uid-of-secret"))
                .keyId("key-1")
                .text();

        // When
        Token token = Token.parse(text);

        // Then
        assertThat(token.bearer()).isEqualTo(text);
        assertThat(token.keyId()).isEqualTo("key-1");
        assertThat(token.claims())
                .isEqualTo(new TokenClaims(
                        "system:serviceaccount:shop:cart",
                        "https://kubernetes.default.svc.cluster.local",
                        List.of("https://kubernetes.default.svc.cluster.local"),
                        ISSUED_AT,
                        ISSUED_AT.plusSeconds(1),
                        ISSUED_AT.plusSeconds(31_536_000),
                        ISSUED_AT.plusSeconds(3607),
                        "0a1b2c3d-0000-4000-8000-000000000001",
                        "shop",
                        new Reference("cart", "00000000-0000-4000-8000-000000000004"),
                        new Reference("cart-0", "00000000-0000-4000-8000-000000000003"),
                        new Reference("node-1", "00000000-0000-4000-8000-000000000002"),
                        new Reference("cart-token", "uid-of-secret")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"kubernetes.io\":{}}",
                "{\"sub\":null,\"iss\":null,\"aud\":null,\"iat\":null,\"nbf\":null,\"exp\":null,\"jti\":null,"
                        + "\"kubernetes.io\":null}",
                "{\"kubernetes.io\":{\"warnafter\":null,\"namespace\":null,\"serviceaccount\":null,\"pod\":null,"
                        + "\"node\":null,\"secret\":null}}"
            })
    void absentClaimsAndNullsAreReadAsAbsent(String payload) throws TokenFormatException {
        // When
        TokenClaims claims = Token.parse(TestTokens.signed(payload)).claims();

        // Then
        assertThat(claims)
                .isEqualTo(new TokenClaims(
                        null, null, List.of(), null, null, null, null, null, null, null, null, null, null));
    }

    @Test
    void aLegacyTokenWithoutTimesIsRead() throws TokenFormatException {
        // Given
        String text = TestTokens.signed("""
                {"iss":"kubernetes/serviceaccount",
                 "kubernetes.io/serviceaccount/namespace":"shop",
                 "kubernetes.io/serviceaccount/secret.name":"cart-token-x7x7x",
                 "kubernetes.io/serviceaccount/service-account.name":"cart",
                 "kubernetes.io/serviceaccount/service-account.uid":"uid",
                 "sub":"system:serviceaccount:shop:cart"}""");

        // When
        TokenClaims claims = Token.parse(text).claims();

        // Then
        assertThat(claims.subject()).isEqualTo("system:serviceaccount:shop:cart");
        assertThat(claims.issuer()).isEqualTo("kubernetes/serviceaccount");
        assertThat(claims.audience()).isEmpty();
        assertThat(claims.expiresAt()).isNull();
        assertThat(claims.validFrom()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                // iat | nbf | validFrom
                "none|none|none",
                "100|none|100",
                "none|100|100",
                "99|100|100",
                "100|100|100",
                "101|100|101"
            })
    void aTokenIsValidFromTheLaterOfIssueAndNotBefore(Long issuedAt, Long notBefore, Long validFrom)
            throws TokenFormatException {
        // Given
        String text = TestTokens.signed("{\"iat\":" + issuedAt + ",\"nbf\":" + notBefore + "}");

        // When
        TokenClaims claims = Token.parse(text).claims();

        // Then
        assertThat(claims.validFrom().map(Instant::getEpochSecond).orElse(null)).isEqualTo(validFrom);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"\"a\"|a", "[\"a\"]|a", "[\"a\",\"b\"]|a,b", "[]|''", "\"\"|''"})
    void theAudienceIsAStringOrAList(String json, String expected) throws TokenFormatException {
        // When
        TokenClaims claims =
                Token.parse(TestTokens.signed("{\"aud\":" + json + "}")).claims();

        // Then
        assertThat(String.join(",", claims.audience())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"aud\":1 | the claim \"aud\" ",
                "\"aud\":[\"a\",null] | the claim \"aud\" ",
                "\"aud\":[[\"a\"]] | the claim \"aud\" ",
                "\"sub\":1 | the claim \"sub\" of the JWT is not a string",
                "\"iss\":[\"a\"] | the claim \"iss\" of the JWT is not a string",
                "\"jti\":true | the claim \"jti\" of the JWT is not a string",
                "\"iat\":\"1772366400\" | the claim \"iat\" of the JWT is not a number",
                "\"nbf\":true | the claim \"nbf\" of the JWT is not a number",
                "\"exp\":{} | the claim \"exp\" of the JWT is not a number",
                "\"kubernetes.io\":[] | the claim \"kubernetes.io\" of the JWT is not an object",
                "\"kubernetes.io\":{\"namespace\":1} | the claim \"namespace\" of the JWT is not a string",
                "\"kubernetes.io\":{\"warnafter\":\"1\"} | the claim \"warnafter\" of the JWT is not a number",
                "\"kubernetes.io\":{\"warnafter\":-1} | the claim \"warnafter\" of the JWT is not between",
                "\"kubernetes.io\":{\"serviceaccount\":1} | the claim \"serviceaccount\" of the JWT is not an object",
                "\"kubernetes.io\":{\"pod\":\"cart\"} | the claim \"pod\" of the JWT is not an object",
                "\"kubernetes.io\":{\"node\":[]} | the claim \"node\" of the JWT is not an object",
                "\"kubernetes.io\":{\"secret\":{\"name\":1}} | the claim \"name\" of the JWT is not a string",
                "\"kubernetes.io\":{\"secret\":{\"uid\":[]}} | the claim \"uid\" of the JWT is not a string"
            })
    void aClaimOfAnotherTypeIsRefused(String claim, String explanation) {
        assertRefused(TestTokens.signed("{" + claim + "}"), explanation);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "0.999,0",
        "1,1",
        "1772366400.999999,1772366400",
        "1.7723664e9,1772366400",
        "253402300798,253402300798",
        "253402300799,253402300799"
    })
    void aTimeInRangeIsFlooredToTheSecond(String json, long expected) throws TokenFormatException {
        // When
        TokenClaims claims =
                Token.parse(TestTokens.signed("{\"exp\":" + json + "}")).claims();

        // Then
        assertThat(claims.expiresAt()).isEqualTo(Instant.ofEpochSecond(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "-0.1",
                "253402300800",
                "1e300",
                "9223372036854775807",
                "9223372036854775808",
                "99999999999999999999999999"
            })
    void aTimeOutOfRangeIsRefused(String json) {
        for (String claim : List.of("iat", "nbf", "exp")) {
            assertRefused(
                    TestTokens.signed("{\"" + claim + "\":" + json + "}"),
                    "the claim \"" + claim + "\" of the JWT is not between the years 1970 and 9999");
        }
    }

    static Stream<String> noObjects() {
        return Stream.of(
                "",
                "null",
                "[]",
                "{\"sub\":\"system:serviceaccount:shop:cart\"",
                "{\"sub\":\"system:serviceaccount:shop:cart\"} and more",
                "{'sub':'system:serviceaccount:shop:cart'}",
                "{\"iat\":1e400}",
                // Duplicate claims.
                "{\"sub\":\"system:serviceaccount:shop:cart\",\"sub\":\"system:serviceaccount:shop:other\"}",
                // Nested as deeply as the file's size limit allows.
                "{\"a\":" + "[".repeat(24_000) + "]".repeat(24_000) + "}",
                "{\"a\":".repeat(8_000) + "1" + "}".repeat(8_000),
                "[".repeat(48_000));
    }

    @ParameterizedTest
    @MethodSource("noObjects")
    void aPayloadThatIsNoJsonObjectIsRefused(String payload) {
        assertRefused(TestTokens.signed(payload), "the payload of the JWT is not a JSON object");
    }

    @Test
    void claimsThatNobodyAsksForAreIgnored() throws TokenFormatException {
        // Given
        String payload = "{\"groups\":" + "[".repeat(100) + "]".repeat(100) + ",\"x\":\"" + "y".repeat(40_000)
                + "\",\"sub\":\"system:serviceaccount:shop:cart\"}";

        // When
        Token token = Token.parse(TestTokens.signed(payload));

        // Then
        assertThat(token.claims().subject()).isEqualTo("system:serviceaccount:shop:cart");
    }

    static Stream<String> noJwts() {
        String header = base64("{\"alg\":\"ES256\",\"kid\":\"a-key-id-to-look-for\"}");
        String payload = base64("{\"sub\":\"system:serviceaccount:shop:cart\"}");
        String signature = "c2lnbmF0dXJlLXRvLWxvb2stZm9y";
        String whole = header + "." + payload + "." + signature;
        return Stream.of(
                header + "." + payload,
                header + "." + payload + ".",
                "." + payload + "." + signature,
                whole + "." + signature,
                whole + "." + signature + "." + signature + "." + signature,
                payload + "." + payload + "." + signature,
                base64("null") + "." + payload + "." + signature,
                base64("{\"alg\":null}") + "." + payload + "." + signature,
                base64("{\"alg\":\"ES256\",\"kid\":1}") + "." + payload + "." + signature,
                base64("{\"alg\":\"none\"}") + "." + payload + "." + signature,
                base64("{\"alg\":\"ES256\",\"a\":" + "[".repeat(9_000) + "]".repeat(9_000) + "}") + "." + payload + "."
                        + signature,
                base64("{\"alg\":\"ES256\",\"a\":\"" + "x".repeat(30_000) + "\"}") + "." + payload + "." + signature,
                ".".repeat(65_536));
    }

    @ParameterizedTest
    @MethodSource("noJwts")
    void textThatIsNoJwtIsRefused(String text) {
        assertRefused(text, "not a JWT: header, payload and signature are expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\nX-Injected: value", "\n", " ", "=", "+", "/", "\u0000", "\u00e4", "\"", "%2e"})
    void charactersThatNoJwtHasAreRefusedAnywhere(String intruder) {
        // Given
        String text = TestTokens.issuedAt(ISSUED_AT).text();
        int inPayload = text.indexOf('.') + 5;
        int inSignature = text.length() - 5;

        // Then
        for (int at : new int[] {5, inPayload, inSignature}) {
            assertRefused(
                    text.substring(0, at) + intruder + text.substring(at),
                    "not a JWT: base64url parts separated by dots are expected");
        }
    }

    @Test
    void anUnsecuredJwtIsRefused() {
        assertRefused(
                base64("{\"alg\":\"none\"}") + "." + base64("{\"sub\":\"system:serviceaccount:shop:cart\"}") + ".",
                "a JWT without a signature");
    }

    @Test
    void anEncryptedJwtIsRefused() {
        assertRefused(
                base64("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}")
                        + ".ZW5jcnlwdGVkLWtleQ.aW5pdC12ZWN0b3I.Y2lwaGVydGV4dC10by1sb29rLWZvcg.dGFn",
                "an encrypted JWT, not a signed one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", " ", "\t \n"})
    void whiteSpaceAroundTheTokenIsNoPartOfIt(String space) throws TokenFormatException {
        // Given
        String text = TestTokens.issuedAt(ISSUED_AT).text();

        // When
        Token token = Token.parse(space + text + space);

        // Then
        assertThat(token.bearer()).isEqualTo(text);
        assertThat(token).isEqualTo(Token.parse(text)).hasSameHashCodeAs(Token.parse(text));
    }

    @Test
    void tokensThatClaimTheSameAreDifferentTokens() {
        // Given
        TestTokens tokens = TestTokens.issuedAt(ISSUED_AT);

        // When
        Token one = tokens.token();
        Token other = tokens.token();

        // Then
        assertThat(one).isNotEqualTo(other);
        assertThat(one.claims()).isEqualTo(other.claims());
    }

    @Test
    void aKeyIdIsNotNeeded() throws TokenFormatException {
        assertThat(Token.parse(TestTokens.issuedAt(ISSUED_AT).keyId(null).text())
                        .keyId())
                .isNull();
    }

    @Test
    void asTextATokenShowsItsWindowAndNothingOfTheSecret() throws TokenFormatException {
        // Given
        String text = TestTokens.issuedAt(ISSUED_AT).text();

        // When
        String shown = Token.parse(text).toString();

        // Then
        assertThat(shown).contains("system:serviceaccount:shop:cart", "2026-03-01T12:00:00Z", "2027-03-01T12:00:00Z");
        assertShowsNothingOf(text, shown);
    }

    private static String base64(String text) {
        return Base64URL.encode(text).toString();
    }

    private static void assertRefused(String text, String explanation) {
        assertThatExceptionOfType(TokenFormatException.class)
                .isThrownBy(() -> Token.parse(text))
                .withNoCause()
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1).contains(explanation))
                .satisfies(e -> assertShowsNothingOf(text, e.getMessage()))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("shop", "look-for", "253402300800"));
    }

    /** Asserts that the text contains no eight consecutive characters of the secret. */
    static void assertShowsNothingOf(String secret, @Nullable String message) {
        String shown = Objects.requireNonNull(message);
        for (int start = 0; start + 8 <= shown.length(); start++) {
            assertThat(secret).doesNotContain(shown.substring(start, start + 8));
        }
    }

    @Test
    void aPlaceholderHasHeaderAndClaimsAndNothingOfTheSignature() {
        Token token = TestTokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z")).token();
        String[] parts = token.bearer().split("\\.", -1);

        Token placeholder = TestTokens.parse(token.placeholder());

        assertThat(token.placeholder()).isEqualTo(parts[0] + "." + parts[1] + ".cGxhY2Vob2xkZXI");
        assertThat(new String(Base64.getUrlDecoder().decode("cGxhY2Vob2xkZXI"), UTF_8))
                .isEqualTo("placeholder");
        assertThat(placeholder.claims()).isEqualTo(token.claims());
        assertThat(placeholder.keyId()).isEqualTo(token.keyId());
        assertThat(placeholder).isNotEqualTo(token);
    }
}
