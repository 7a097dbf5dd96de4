package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.stream.Stream;

/** Any file content gives either a token that is safe in a header line, or a sentence that states the reason. */
class TokenFuzzTest {

    private static final Instant YEAR_10000 = Instant.ofEpochSecond(253_402_300_800L);

    @FuzzTest(maxDuration = "5m")
    void aFileHoldsATokenOrIsRefused(byte @NotNull [] file) {
        check(new String(file, StandardCharsets.UTF_8));
    }

    @FuzzTest(maxDuration = "5m")
    @DictionaryEntries({
        "aud",
        "iat",
        "nbf",
        "exp",
        "warnafter",
        "kubernetes.io",
        "serviceaccount",
        "1.7e9",
        "null",
        "[[[[[[",
        "{}"
    })
    void claimsAreReadOrRefused(byte @NotNull [] claims) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String header = base64.encodeToString("{\"alg\":\"RS256\",\"kid\":\"k\"}".getBytes(StandardCharsets.US_ASCII));
        check(header + "." + base64.encodeToString(claims) + ".c2ln");
    }

    private static void check(String text) {
        Token token;
        try {
            token = Token.parse(text);
        } catch (TokenFormatException e) {
            assertThat(e.getMessage()).isNotBlank().hasLineCount(1).hasSizeLessThan(200);
            return;
        }
        assertThat(token.bearer()).isEqualTo(text.strip()).matches("[A-Za-z0-9_.-]+");
        assertThat(token.toString()).doesNotContain(token.bearer());
        TokenClaims claims = token.claims();
        Stream.of(claims.issuedAt(), claims.notBefore(), claims.expiresAt(), claims.warnAfter())
                .filter(instant -> instant != null)
                .forEach(instant ->
                        assertThat(instant).isAfterOrEqualTo(Instant.EPOCH).isBefore(YEAR_10000));
    }
}
