package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                "GUARDIAN_KUBERNETES_POD_CONDITION",
                "--------------------------------------------------------------------------------",
                "eyJhbGci.old/token.new"
            })
    void whatIsNoTokenStays(String text) {
        assertThat(TokenMask.masked(text)).isEqualTo(text);
    }

    /** Parts of which a word can begin like a JWT at many places. */
    @ParameterizedTest
    @ValueSource(
            strings = {"xeyJ", "xeyJ-", "-eyJ", "_eyJ", "eyJ.", "xeyJ.", "xeyJ.a.", "eyJ.eyJ", "eyjaaaaaaaa", "a."})
    void theStepsGrowWithTheTextAndNotWithItsSquare(String part) {
        assertThat(steps(part.repeat(4_000))).isLessThan(5 * steps(part.repeat(1_000)));
    }

    /** Returns how many characters are read in order to mask the text. */
    private static long steps(String text) {
        AtomicLong steps = new AtomicLong();
        TokenMask.masked(new CharSequence() {
            @Override
            public int length() {
                return text.length();
            }

            @Override
            public char charAt(int index) {
                steps.incrementAndGet();
                return text.charAt(index);
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return text.subSequence(start, end);
            }
        });
        return steps.get();
    }

    @ParameterizedTest
    @CsvSource({
        "x-eyJaaaaaaaaaaaaaaaa!, x-***!",
        "xeyJaaaaaaaa_eyJ-eyJb!, x***!",
        "xeyJaaaaaaa_eyJaaaaaaaaaaaaaaa!, xeyJaaaaaaa_eyJaaaaaaaaaaaaaaa!",
        "xeyJa.b.c eyJa.b. d, x*** *** d",
        "xeyJa-eyJaaaaaaaaaaaaaaaa.b!, xeyJa-***!",
        "xeyJa-eyJaaaaaaaaaaaaaaaa.b.c!, x***!",
        "xEYJaaaaaaaa.EYJ!, x***!"
    })
    void aTokenIsMaskedFromTheFirstPlaceWhereItMayBegin(String text, String masked) {
        assertThat(TokenMask.masked(text)).isEqualTo(masked);
    }

    @Test
    void aLongTextOfLettersIsReadInOneGo() {
        String text = "eyJ".repeat(50_000);

        assertThat(TokenMask.masked(text)).isEqualTo("***");
    }
}
