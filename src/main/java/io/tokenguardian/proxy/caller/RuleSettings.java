package io.tokenguardian.proxy.caller;

import com.google.re2j.Pattern;
import java.util.List;

/** The settings of each {@link RequestRule}. Each list contains patterns, which may match anywhere in the text. */
public interface RuleSettings {

    /** At least one of these patterns must match the {@code Host}. */
    List<Pattern> acceptHosts();

    /** At least one of these patterns must match the path. */
    List<Pattern> acceptPaths();

    /** None of these patterns may match the path. */
    List<Pattern> rejectPaths();

    /** None of these patterns may match the method. */
    List<Pattern> rejectMethods();
}
