package io.tokenguardian.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the page's HTML. {@code PageIT} tests the page in a browser. */
class PageTest {
    private static final Page PAGE = Page.load();
    private static final String HTML = PAGE.html();

    @ParameterizedTest
    @ValueSource(strings = {"style", "script"})
    void styleAndScriptAppearOnceAndThePolicyHasTheirHashes(String element) throws Exception {
        Matcher found = Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL)
                .matcher(HTML);
        assertThat(found.find()).isTrue();
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(found.group(1).getBytes(StandardCharsets.UTF_8));

        assertThat(PAGE.contentSecurityPolicy())
                .contains(element + "-src 'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        assertThat(HTML.split("<" + element + ">", -1)).hasSize(2);
    }

    @Test
    void thePolicyAllowsNothingFromOtherOrigins() {
        assertThat(PAGE.contentSecurityPolicy())
                .startsWith("default-src 'none'; connect-src 'self';")
                .contains("form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'")
                .doesNotContain("unsafe", "http", "*");
    }

    @Test
    void thePageLoadsNothingElseAndBuildsNoElementsFromText() {
        String withoutNamespace = HTML.replace("xmlns='http://www.w3.org/2000/svg'", "");

        assertThat(withoutNamespace)
                .doesNotContain("http://", "https://", "//cdn", "@import", "innerHTML", "eval(", "insertAdjacentHTML");
    }
}
