package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenMaskTest {
    private static final String TOKEN =
            TestTokens.issuedAt(Instant.ofEpochSecond(1_800_000_000)).text();

    private static final String PAYLOAD_AND_SIGNATURE = TOKEN.substring(TOKEN.indexOf('.') + 1);
    private static final String SIGNATURE = TOKEN.substring(TOKEN.lastIndexOf('.') + 1);

    @Test
    void aTokenIsMaskedAndTheTextAroundItStays() {
        assertThat(TokenMask.masked("before '" + TOKEN + "' after")).isEqualTo("before '***' after");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-x", "guardian.", "GUARDIAN_", "Bearer "})
    void whatStandsDirectlyBeforeATokenStays(String before) {
        assertThat(TokenMask.masked(before + TOKEN)).isEqualTo(before + "***");
    }

    @Test
    void aTokenInLowerCaseIsMasked() {
        assertThat(TokenMask.masked("guardian." + TOKEN.toLowerCase(Locale.ROOT) + "=1"))
                .isEqualTo("guardian.***=1");
    }

    @Test
    void aTokenAsTheNameOfAVariableIsMasked() {
        String variable = TOKEN.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");

        assertThat(TokenMask.masked("GUARDIAN_" + variable + " is not a setting"))
                .isEqualTo("GUARDIAN_*** is not a setting");
    }

    @Test
    void aPayloadWithItsSignatureIsMasked() {
        assertThat(TokenMask.masked(PAYLOAD_AND_SIGNATURE)).isEqualTo("***");
    }

    @Test
    void aPayloadBehindALetterKeepsNoSignature() {
        assertThat(TokenMask.masked("-x" + PAYLOAD_AND_SIGNATURE)).doesNotContain(SIGNATURE.substring(0, 10));
    }

    @Test
    void aSignatureAloneIsMasked() {
        assertThat(TokenMask.masked("at " + SIGNATURE + "!")).isEqualTo("at ***!");
    }

    @Test
    void aTokenThatIsBrokenIntoLinesIsMasked() {
        assertThat(TokenMask.masked("'" + TOKEN.replaceAll("(.{40})", "$1\n") + "'"))
                .isEqualTo("'***'");
    }

    @Test
    void aRunOf63CharactersIsNoSignatureAnd64Are() {
        assertThat(TokenMask.masked(SIGNATURE.substring(0, 63))).isEqualTo(SIGNATURE.substring(0, 63));
        assertThat(TokenMask.masked(SIGNATURE.substring(0, 64))).isEqualTo("***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/var/run/secrets/kubernetes.io/serviceaccount/token",
                "system:serviceaccount:surveys:surveyjob-runner-7d9f8b6c5d-abcde",
                "com.nimbusds.jose.jwk.OctetSequenceKeyJwk.parse(OctetSequenceKeyJwk.java:12)",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "a-very-long-name-of-a-pod-that-somebody-has-chosen-for-the-service-7d9f8b6c5d-abcde",
                "GUARDIAN_API_SERVER_DISCOVER_REPLICAS",
                "--------------------------------------------------------------------------------",
                "eyJhbGci.old/token.new"
            })
    void whatIsNoTokenStays(String text) {
        assertThat(TokenMask.masked(text)).isEqualTo(text);
    }

    @Test
    void aLongTextOfLettersIsReadInOneGo() {
        String text = "eyJ".repeat(50_000);

        assertThat(TokenMask.masked(text)).isEqualTo("***");
    }
}
