package io.tokenguardian.config;

import io.netty.util.NetUtil;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes, by name and value, the variables that kubelet sets for services (Kubernetes,
 * pkg/kubelet/envvars/envvars.go). A service may have any name: {@code guardian-proxy} results in
 * {@code GUARDIAN_PROXY_PORT}.
 */
final class ServiceVariable {
    private static final String SERVICE = "[A-Z0-9_]+";
    private static final String PORT = SERVICE + "_PORT_\\d{1,5}_(TCP|UDP|SCTP)";
    private static final Pattern URL = Pattern.compile("(?<protocol>tcp|udp|sctp)://(?<host>.+):(?<port>\\d+)");
    private static final int LAST_PORT = 65_535;

    private static final List<Form> FORMS = List.of(
            new Form(SERVICE + "_SERVICE_HOST", ServiceVariable::isAddress),
            new Form(SERVICE + "_SERVICE_PORT(_[A-Z0-9_]+)?", ServiceVariable::isPort),
            new Form(SERVICE + "_PORT", ServiceVariable::isUrl),
            new Form(PORT, ServiceVariable::isUrl),
            new Form(PORT + "_ADDR", ServiceVariable::isAddress),
            new Form(PORT + "_PORT", ServiceVariable::isPort),
            new Form(SERVICE + "_PORT_\\d{1,5}_TCP_PROTO", "tcp"::equals),
            new Form(SERVICE + "_PORT_\\d{1,5}_UDP_PROTO", "udp"::equals),
            new Form(SERVICE + "_PORT_\\d{1,5}_SCTP_PROTO", "sctp"::equals));

    private record Form(Pattern name, Predicate<String> value) {
        Form(String name, Predicate<String> value) {
            this(Pattern.compile(name), value);
        }
    }

    private ServiceVariable() {}

    static boolean isServiceVariable(String name, @Nullable String value) {
        return value != null
                && FORMS.stream()
                        .anyMatch(form -> form.name().matcher(name).matches()
                                && form.value().test(value));
    }

    private static boolean isAddress(String value) {
        return NetUtil.isValidIpV4Address(value) || NetUtil.isValidIpV6Address(value);
    }

    private static boolean isPort(String value) {
        return value.matches("[1-9]\\d{0,4}") && Integer.parseInt(value) <= LAST_PORT;
    }

    private static boolean isUrl(String value) {
        Matcher url = URL.matcher(value);
        if (!url.matches() || !isPort(url.group("port"))) {
            return false;
        }
        String host = url.group("host");
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return bracketed
                ? NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1))
                : NetUtil.isValidIpV4Address(host);
    }
}
