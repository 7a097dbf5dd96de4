package io.tokenguardian.graal;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import java.util.Map;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Keeps data from the build machine out of the native executable. Quarkus would leave the sources of its build-time
 * settings in the executable, even though it creates new sources at startup.
 */
final class BuildEnvironment implements Feature {
    private static final EnvConfigSource NO_VARIABLES = new EnvConfigSource(Map.of(), EnvConfigSource.ORDINAL);
    private static final PropertiesConfigSource NO_FILE = new PropertiesConfigSource(Map.of(), "build");

    @Override
    public String getDescription() {
        return "Leaves out the build environment";
    }

    @Override
    public void duringSetup(DuringSetupAccess access) {
        access.registerObjectReplacer(BuildEnvironment::withoutEnvironment);
    }

    static Object withoutEnvironment(Object found) {
        Object file = found.getClass() == PropertiesConfigSource.class ? NO_FILE : found;
        return found.getClass() == EnvConfigSource.class ? NO_VARIABLES : file;
    }
}
