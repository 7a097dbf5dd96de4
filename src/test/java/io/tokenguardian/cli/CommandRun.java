package io.tokenguardian.cli;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tokenguardian.testing.UnusedPorts;
import io.tokenguardian.token.TokenMask;
import io.vertx.core.Vertx;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import picocli.CommandLine;

/**
 * Runs a command other than {@code serve} in this JVM, with the same beans as the program and a given environment, but
 * without Quarkus. A start of the program on a JVM costs 0.7 s of CPU.
 */
public final class CommandRun {
    private static final Vertx VERTX = Vertx.vertx();

    private final Map<Type, Object> beans = new HashMap<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final int exitCode;

    /** Whether these arguments run {@code serve}, which only a process can. */
    public static boolean serves(String... arguments) {
        return Main.serves(words(arguments));
    }

    private static String[] words(String... arguments) {
        return Arrays.stream(arguments).dropWhile(word -> word.startsWith("-D")).toArray(String[]::new);
    }

    /** @param arguments any number of system properties ({@code -D}), then the words of the command line */
    public CommandRun(Map<String, String> environment, String... arguments) {
        Map<String, String> properties = new HashMap<>();
        Arrays.stream(arguments)
                .takeWhile(word -> word.startsWith("-D"))
                .map(word -> word.substring(2).split("=", 2))
                .forEach(property -> properties.put(property[0], property.length < 2 ? "" : property[1]));
        beans.put(Config.class, config(environment, properties));
        beans.put(Vertx.class, VERTX);
        CommandLine.IFactory factory = new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type.getPackageName().startsWith("io.tokenguardian") && type.getEnclosingClass() == null
                        ? type.cast(bean(type))
                        : CommandLine.defaultFactory().create(type);
            }
        };
        exitCode = new CommandLineConfig()
                .commandLine(() -> new CommandLine(GuardianCommand.class, factory))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words(arguments));
    }

    public int exitCode() {
        return exitCode;
    }

    public String out() {
        return TokenMask.masked(out.toString());
    }

    public String err() {
        return TokenMask.masked(err.toString());
    }

    /** The sources that the program has, with their names and order. */
    private static Config config(Map<String, String> environment, Map<String, String> properties) {
        try {
            Properties packaged = ApplicationProperties.read();
            packaged.setProperty("quarkus.application.version", "0.1.0");
            return new SmallRyeConfigBuilder()
                    .withSources(
                            new PropertiesConfigSource(properties, "SysPropConfigSource", 400),
                            new EnvConfigSource(UnusedPorts.insteadOfDefaults(environment), 300),
                            new PropertiesConfigSource(packaged, "application.properties", 250))
                    .addDefaultInterceptors()
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Object bean(Type type) {
        if (type instanceof ParameterizedType provider && provider.getRawType() == Provider.class) {
            return (Provider<Object>) () -> bean(provider.getActualTypeArguments()[0]);
        }
        Object known = beans.get(type);
        if (known == null) {
            known = created((Class<?>) type);
            beans.put(type, known);
        }
        return known;
    }

    /** Calls the method that produces the bean, or else the bean's shortest constructor. */
    private Object created(Class<?> type) {
        try {
            for (Method method : Wiring.class.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Singleton.class) && method.getReturnType() == type) {
                    method.setAccessible(true);
                    return method.invoke(bean(Wiring.class), arguments(method));
                }
            }
            Constructor<?> constructor = Stream.of(type.getDeclaredConstructors())
                    .min(Comparator.comparingInt(Constructor::getParameterCount))
                    .orElseThrow();
            constructor.setAccessible(true);
            return constructor.newInstance(arguments(constructor));
        } catch (ReflectiveOperationException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(type.getName(), e);
        }
    }

    private Object[] arguments(Executable executable) {
        return Stream.of(executable.getParameters()).map(this::argument).toArray();
    }

    private Object argument(Parameter parameter) {
        ConfigProperty property = parameter.getAnnotation(ConfigProperty.class);
        return property == null
                ? bean(parameter.getParameterizedType())
                : ((Config) bean(Config.class)).getValue(property.name(), parameter.getType());
    }
}
