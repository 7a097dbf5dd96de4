package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;

/**
 * Removes the JDK's own HTTP client, but keeps its URLs. The Kubernetes client makes a {@link URL} for each request,
 * and that fails where the executable has no handler for {@code http:}. It sends the request through Vert.x, so no URL
 * is ever opened.
 */
@SuppressWarnings("DoNotCallSuggester") // called by its original name
@TargetClass(className = "sun.net.www.protocol.http.Handler")
final class HttpUrlSubstitutions {
    @Substitute
    URLConnection openConnection(URL url, Proxy proxy) {
        throw new RemovedCodeException();
    }
}
