package io.tokenguardian.pod;

/** Makes the pod condition's type known to tests of other packages. */
public final class PodConditions {
    public static final String TYPE = PodCondition.TYPE;

    private PodConditions() {}
}
