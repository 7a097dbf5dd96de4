package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.CipherSuiteFilter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextOption;
import io.netty.handler.ssl.SslProvider;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * Keeps Netty's OpenSSL out of a native executable, because its library is missing. Quarkus 3.33.2 does so for the
 * method that Netty called up to 4.1.133; later versions call one with {@code startTls}.
 */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(
        className = "io.netty.handler.ssl.SslContext",
        onlyWith = {TargetExists.class, TlsSubstitutions.ConstructorsExist.class})
final class TlsSubstitutions {

    @Substitute
    static SslContext newClientContextInternal(
            SslProvider provider,
            Provider sslContextProvider,
            X509Certificate[] trustCert,
            TrustManagerFactory trustManagerFactory,
            X509Certificate[] keyCertChain,
            PrivateKey key,
            String keyPassword,
            KeyManagerFactory keyManagerFactory,
            Iterable<String> ciphers,
            CipherSuiteFilter cipherFilter,
            ApplicationProtocolConfig apn,
            String[] protocols,
            long sessionCacheSize,
            long sessionTimeout,
            boolean startTls,
            boolean enableOcsp,
            SecureRandom secureRandom,
            String keyStoreType,
            String endpointIdentificationAlgorithm,
            Map.Entry<SslContextOption<?>, Object>[] options)
            throws SSLException {
        return (SslContext) (Object) new JdkClient(
                sslContextProvider,
                trustCert,
                trustManagerFactory,
                keyCertChain,
                key,
                keyPassword,
                keyManagerFactory,
                ciphers,
                cipherFilter,
                apn,
                protocols,
                sessionCacheSize,
                sessionTimeout,
                secureRandom,
                keyStoreType,
                endpointIdentificationAlgorithm,
                new Resumption());
    }

    @TargetClass(className = "io.netty.handler.ssl.JdkSslClientContext", onlyWith = TargetExists.class)
    static final class JdkClient {
        @Alias
        JdkClient(
                Provider sslContextProvider,
                X509Certificate[] trustCert,
                TrustManagerFactory trustManagerFactory,
                X509Certificate[] keyCertChain,
                PrivateKey key,
                String keyPassword,
                KeyManagerFactory keyManagerFactory,
                Iterable<String> ciphers,
                CipherSuiteFilter cipherFilter,
                ApplicationProtocolConfig apn,
                String[] protocols,
                long sessionCacheSize,
                long sessionTimeout,
                SecureRandom secureRandom,
                String keyStoreType,
                String endpointIdentificationAlgorithm,
                Resumption resumption)
                throws SSLException {}
    }

    @TargetClass(className = "io.netty.handler.ssl.ResumptionController", onlyWith = TargetExists.class)
    static final class Resumption {
        @Alias
        Resumption() {}
    }

    /** Tests the constructors that the substituted method calls. */
    static final class ConstructorsExist implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            return Stream.of(JdkClient.class, Resumption.class)
                    .map(each -> each.getAnnotation(TargetClass.class).className())
                    .allMatch(new TargetExists());
        }
    }
}
