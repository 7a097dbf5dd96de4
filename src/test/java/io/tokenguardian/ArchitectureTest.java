package io.tokenguardian;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.Watched;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table of packages in {@code docs/architecture.md}: which package may depend on which. */
@AnalyzeClasses(packages = "io.tokenguardian", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String OURS = "io.tokenguardian";

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|[^|]+\\| ([^|]+) \\|$");

    /** By package, the packages that it may depend on. */
    private static final Map<String, Set<String>> TABLE = new LinkedHashMap<>();

    static {
        ROW.matcher(Readme.text(Path.of("docs/architecture.md"))).results().forEach(row -> {
            Set<String> known = names("`([a-z.]+)`", row.group(2));
            names("`([a-z.]+)` and its dependencies", row.group(2)).forEach(name -> known.addAll(TABLE.get(name)));
            TABLE.put(row.group(1), known);
        });
    }

    private static Set<String> names(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @ArchTest
    static void aPackageDependsOnlyOnThoseInItsRow(JavaClasses program) {
        assertThat(TABLE).containsKeys("concurrent", "proxy.http", "standin");
        TABLE.forEach((name, known) -> {
            if (!name.equals("cli")) { // all packages but the stand-in
                knowsOnly(name, known).check(program);
            }
        });
    }

    @ArchTest
    static final ArchRule onlyTheRegisteredCommandsKnowTheLaptop = ArchRuleDefinition.noClasses()
            .that()
            .resideOutsideOfPackage("io.tokenguardian.laptop")
            .and()
            .haveNameNotMatching("io[.]tokenguardian[.]cli[.](GuardianCommand|CheckCommand|Main|Wiring)([$].*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tokenguardian.laptop");

    @ArchTest
    static final ArchRule everyPackageIsInTheTable = ArchRuleDefinition.classes()
            .should()
            .resideInAnyPackage(
                    Stream.concat(Stream.of(OURS), TABLE.keySet().stream().map(name -> OURS + "." + name))
                            .toArray(String[]::new));

    @ArchTest
    static final ArchRule nobodyKnowsTheStandIn = ArchRuleDefinition.noClasses()
            .that()
            .resideOutsideOfPackage("io.tokenguardian.standin..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tokenguardian.standin..");

    @ArchTest
    static final ArchRule packagesFormNoCycle =
            slices().matching("io.tokenguardian.(*)..").should().beFreeOfCycles();

    /**
     * Simple names of several types, nested types included. Only the stand-in may reuse a name. A name that has become
     * unique must be removed here.
     */
    private static final Set<String> REUSED_NAMES =
            Set.of("Outcome", "Snapshot", "State", "Unreachable", "Unreadable", "Version");

    @ArchTest
    static void noOtherSimpleNameOccursTwice(JavaClasses program) {
        Map<String, Long> types = program.stream()
                .filter(type -> !type.getPackageName().startsWith("io.tokenguardian.standin"))
                .map(JavaClass::getSimpleName)
                .filter(name -> !name.isEmpty() && !name.equals("package-info"))
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));

        types.values().removeIf(count -> count == 1);

        assertThat(types).containsOnlyKeys(REUSED_NAMES);
    }

    /** This ensures that each thread is a daemon, logs why it ends, and can be watched. */
    @ArchTest
    static final ArchRule loopThreadsAloneAreMadeByHand = ArchRuleDefinition.noClasses()
            .that()
            .resideOutsideOfPackages("io.tokenguardian.concurrent..", "io.tokenguardian.standin..")
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "make threads",
                    (JavaClass type) -> type.getName().equals("java.util.concurrent.Executors")
                            || type.getName().equals("java.util.Timer")))
            .orShould()
            .callConstructor(Thread.class, Runnable.class, String.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class)
            .orShould()
            .callConstructor(Thread.class);

    @ArchTest
    static final ArchRule whoHasALoopThreadIsWatched = ArchRuleDefinition.fields()
            .that()
            .haveRawType(LoopThread.class)
            .should()
            .beDeclaredInClassesThat()
            .areAssignableTo(Watched.class);

    @ArchTest
    static final ArchRule theDecidingCoreHasNoClockAndNoThread = ArchRuleDefinition.noClasses()
            .that()
            .resideInAnyPackage("io.tokenguardian.verdict..", "io.tokenguardian.replica..")
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "tell time or run threads",
                    (JavaClass type) -> type.getName().equals("java.time.Clock")
                            || type.getName().equals("java.time.InstantSource")
                            || type.getPackageName().startsWith("java.util.concurrent")))
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    /** A step of the node's clock must not change a duration, so the other classes get their time from a timeline. */
    @ArchTest
    static final ArchRule theNodesClockIsReadOnlyInNamedPlaces = ArchRuleDefinition.noClasses()
            .that()
            .resideOutsideOfPackage("io.tokenguardian.standin..")
            .and()
            .doNotHaveFullyQualifiedName("io.tokenguardian.clock.Timeline")
            .should()
            .accessTargetWhere(
                    DescribedPredicate.describe("reads the node's clock", ArchitectureTest::readsTheNodesClock));

    private static boolean readsTheNodesClock(JavaAccess<?> access) {
        String type = access.getTargetOwner().getName();
        String name = access.getName();
        return (type.equals("java.lang.System") && name.equals("currentTimeMillis"))
                || (type.startsWith("java.time.") && name.matches("now|system.*|tick.*"))
                || (type.startsWith("java.util.") && name.equals("<init>") && type.matches(".*(Date|Calendar)"));
    }

    /**
     * A native executable contains only the model {@code Status}, so a call of any other model would fail at run time.
     */
    @ArchTest
    static final ArchRule nobodyNamesAModelOfTheKubernetesApi = ArchRuleDefinition.noClasses()
            .that()
            .resideOutsideOfPackage("io.tokenguardian.graal..")
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are models of kinds of resources",
                    (JavaClass type) -> type.getPackageName().startsWith("io.fabric8.kubernetes.api.model")
                            && !type.getSimpleName().startsWith("GenericKubernetesResource")
                            && !type.getSimpleName().startsWith("ObjectMeta")
                            && !type.getSimpleName().equals("Status")
                            && !type.getSimpleName().equals("MetadataNested")));

    /**
     * A call of any of the client's other methods would also fail at run time, because a native executable has only
     * their names.
     */
    @ArchTest
    static final ArchRule theKubernetesClientIsAskedForGenericResourcesAlone = ArchRuleDefinition.noClasses()
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "is one of the client's, and not genericKubernetesResources",
                    (JavaMethodCall call) -> call.getTargetOwner().isAssignableTo(KubernetesClient.class)
                            && !call.getName().equals("genericKubernetesResources")));

    private static ArchRule knowsOnly(String name, Set<String> others) {
        String own = OURS + "." + name;
        return ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(own)
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are ours and none of " + name + " " + others,
                        (JavaClass type) -> type.getPackageName().startsWith(OURS)
                                && !type.getPackageName().equals(own)
                                && !others.contains(type.getPackageName().replaceFirst("io[.]tokenguardian[.]?", ""))));
    }
}
