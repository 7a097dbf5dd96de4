package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files in a pod's volumes, with owners and modes. These are the tokens that kubelet projects (docs/api-server.md,
 * kubelet's token volume), and the files that the guardian writes into an emptyDir, which is writable for all users. A
 * user that the manifest does not name is {@link #SOMEBODY}.
 */
final class PodFiles {
    private static final long ROOT = 0;
    private static final long SOMEBODY = 1000;
    private static final String GUARDIAN = "token-guardian";
    private static final String KUBELETS = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    private final PodSpec pod;
    private final @Nullable Long fsGroup;
    private final Container guardian;

    /** @param group null for a group to which no container belongs */
    private record Entry(long owner, @Nullable Long group, int mode) {}

    PodFiles(PodSpec pod) {
        this.pod = pod;
        this.fsGroup = Optional.ofNullable(pod.getSecurityContext())
                .map(PodSecurityContext::getFsGroup)
                .orElse(null);
        this.guardian =
                all().filter(one -> one.getName().equals(GUARDIAN)).findFirst().orElseThrow();
    }

    /** Returns a line for each container, including the guardian, that mounts a token but can't read it. */
    List<String> unreadable() {
        List<String> unreadable = new ArrayList<>();
        for (Volume volume : pod.getVolumes()) {
            kubelets(volume).ifPresent(file -> unreadable.addAll(barred(volume.getName(), file, true)));
        }
        String vetted = settings().get("GUARDIAN_VETTED_DIRECTORY");
        if (vetted != null) {
            unreadable.addAll(barred(written(vetted + "/token"), copy(KUBELETS), false));
        }
        return unreadable;
    }

    private List<String> barred(String volume, Entry file, boolean guardianToo) {
        return all().filter(one -> guardianToo || !one.equals(guardian))
                .filter(one -> mounts(one).anyMatch(mount -> mount.getName().equals(volume)))
                .filter(one -> !mayRead(one, file))
                .map(one -> "%s, user %d, reads no %s: %o of %d:%s"
                        .formatted(one.getName(), user(one), volume, file.mode(), file.owner(), file.group()))
                .toList();
    }

    private boolean mayRead(Container container, Entry file) {
        long user = user(container);
        if (user == ROOT) {
            return true;
        } else if (user == file.owner()) {
            return (file.mode() & 0400) != 0;
        } else if (file.group() != null && groups(container).contains(file.group())) {
            return (file.mode() & 0040) != 0;
        }
        return (file.mode() & 0004) != 0;
    }

    /**
     * Returns the token of a projected volume. Its mode is 0640 with an fsGroup, 0600 if all containers name the same
     * user, and otherwise the volume's default mode, or 0644.
     */
    private Optional<Entry> kubelets(Volume volume) {
        if (volume.getProjected() == null
                || volume.getProjected().getSources().stream().allMatch(one -> one.getServiceAccountToken() == null)) {
            return Optional.empty();
        }
        Set<Optional<Long>> users = all().map(this::namedUser).collect(Collectors.toSet());
        Optional<Long> only = users.size() == 1 ? users.iterator().next() : Optional.empty();
        Integer wanted = volume.getProjected().getDefaultMode();
        int mode = only.isPresent() || fsGroup != null ? 0600 : wanted == null ? 0644 : wanted;
        return Optional.of(new Entry(only.orElse(ROOT), fsGroup, fsGroup == null ? mode : mode | 0440));
    }

    /**
     * Returns a vetted copy. Its mode is {@code guardian.vetted.mode} or, unless set, 0640 limited by the source's
     * mode.
     */
    private Entry copy(String source) {
        String mode = settings().get("GUARDIAN_VETTED_MODE");
        if (mode != null) {
            return guardians(Integer.parseInt(mode, 8));
        }
        String volume = mountOf(source).getName();
        Entry original = pod.getVolumes().stream()
                .filter(one -> one.getName().equals(volume))
                .flatMap(one -> kubelets(one).stream())
                .findFirst()
                .orElseThrow();
        return guardians(0600 | (0640 & original.mode()));
    }

    private Entry guardians(int mode) {
        Long group = fsGroup == null ? guardian.getSecurityContext().getRunAsGroup() : fsGroup;
        return new Entry(user(guardian), group, mode);
    }

    /** Returns the volume into which the guardian writes this file. The guardian must have write access to it. */
    private String written(String path) {
        VolumeMount mount = mountOf(path);
        assertThat(mount.getReadOnly())
                .as("%s is read-only for the guardian", path)
                .isNotEqualTo(true);
        assertThat(pod.getVolumes())
                .filteredOn(one -> one.getName().equals(mount.getName()))
                .singleElement()
                .satisfies(one -> assertThat(one.getEmptyDir()).isNotNull());
        return mount.getName();
    }

    private VolumeMount mountOf(String path) {
        return mounts(guardian)
                .filter(mount -> path.startsWith(mount.getMountPath() + "/"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the guardian has nothing mounted at " + path));
    }

    private Map<String, String> settings() {
        return guardian.getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    private long user(Container container) {
        return namedUser(container).orElse(SOMEBODY);
    }

    private Optional<Long> namedUser(Container container) {
        if (container.getSecurityContext() != null
                && container.getSecurityContext().getRunAsUser() != null) {
            return Optional.of(container.getSecurityContext().getRunAsUser());
        }
        return Optional.ofNullable(pod.getSecurityContext()).map(PodSecurityContext::getRunAsUser);
    }

    private Set<Long> groups(Container container) {
        Set<Long> groups = new HashSet<>();
        if (fsGroup != null) {
            groups.add(fsGroup);
        }
        if (container.getSecurityContext() != null
                && container.getSecurityContext().getRunAsGroup() != null) {
            groups.add(container.getSecurityContext().getRunAsGroup());
        } else if (pod.getSecurityContext() != null && pod.getSecurityContext().getRunAsGroup() != null) {
            groups.add(pod.getSecurityContext().getRunAsGroup());
        }
        return groups;
    }

    private static Stream<VolumeMount> mounts(Container container) {
        return container.getVolumeMounts().stream();
    }

    private Stream<Container> all() {
        return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream());
    }
}
