package io.tokenguardian.pod;

/** Exposes the pod condition's type to tests in other packages. */
public final class PodConditions {
    public static final String TYPE = PodCondition.TYPE;

    private PodConditions() {}
}
