package io.tokenguardian.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Checks the versions of libraries and of Maven, and the statements about vulnerabilities. */
class BomVersionsTest {
    private static final Path REPOSITORY =
            Path.of(System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository"));
    private static final Pattern PROPERTY = Pattern.compile("\\$\\{(.+?)}");
    private static final Pattern PRODUCT = Pattern.compile("pkg:maven/([^\"]+)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** A library, or a BOM, and its version. */
    private record Artifact(String group, String name, String version, boolean isBom) {
        Document pom() throws Exception {
            return read(REPOSITORY.resolve(
                    group.replace('.', '/') + "/" + name + "/" + version + "/" + name + "-" + version + ".pom"));
        }
    }

    @Test
    void noVersionIsOlderThanThatOfQuarkus() throws Exception {
        List<Artifact> own = artifacts(read(Path.of("pom.xml")));
        List<Artifact> boms = own.stream().filter(Artifact::isBom).toList();
        Artifact quarkus = boms.get(boms.size() - 1);
        assertThat(quarkus.name()).isEqualTo("quarkus-bom");
        Map<String, String> tested = new HashMap<>();
        managed(quarkus).forEach(each -> tested.put(each.group() + ":" + each.name(), each.version()));
        List<Artifact> chosen = new ArrayList<>(own);
        boms.subList(0, boms.size() - 1).forEach(bom -> chosen.addAll(managed(bom)));

        assertThat(chosen)
                .filteredOn(each -> tested.containsKey(each.group() + ":" + each.name()))
                .extracting(Artifact::name)
                .contains("netty-codec-http", "jackson-databind", "nimbus-jose-jwt");
        assertThat(chosen).allSatisfy(each -> {
            String minimum = tested.getOrDefault(each.group() + ":" + each.name(), "0");
            assertThat(Arrays.compare(numbers(each.version()), numbers(minimum)))
                    .as("%s %s, and %s in Quarkus's BOM", each.name(), each.version(), minimum)
                    .isNotNegative();
        });
    }

    /** A statement about an older version would have no effect, and may be untrue of the new version. */
    @Test
    void eachVulnerabilityLeftIsOfAVersionInUse() throws Exception {
        List<String> products = PRODUCT.matcher(Files.readString(Path.of(".github/openvex.json")))
                .results()
                .map(product -> product.group(1))
                .toList();

        assertThat(products).isNotEmpty();
        assertThat(artifacts(read(Path.of("pom.xml"))).stream()
                        .filter(Artifact::isBom)
                        .flatMap(bom -> managed(bom).stream())
                        .map(each -> each.group() + "/" + each.name() + "@" + each.version()))
                .containsAll(products);
    }

    private static List<Artifact> managed(Artifact bom) {
        try {
            return artifacts(bom.pom());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int[] numbers(String version) {
        return NUMBER.matcher(version)
                .results()
                .map(MatchResult::group)
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static Document read(Path pom) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
    }

    /** The dependencies with a version, managed or not. */
    private static List<Artifact> artifacts(Document pom) {
        List<Artifact> found = new ArrayList<>();
        for (Element each : elements(pom.getDocumentElement(), "dependency")) {
            String version = resolve(text(each, "version"), pom);
            if (!version.isEmpty()) {
                found.add(new Artifact(
                        text(each, "groupId"),
                        text(each, "artifactId"),
                        version,
                        text(each, "scope").equals("import")));
            }
        }
        return found;
    }

    private static String resolve(String version, Document pom) {
        return PROPERTY.matcher(version)
                .replaceAll(property -> property.group(1).equals("project.version")
                        ? text(pom.getDocumentElement(), "version")
                        : resolve(
                                elements(pom.getDocumentElement(), property.group(1))
                                        .get(0)
                                        .getTextContent(),
                                pom));
    }

    /** The text of the child with this name, or an empty text. */
    private static String text(Element parent, String name) {
        return elements(parent, name).stream()
                .filter(each -> each.getParentNode() == parent)
                .map(Node::getTextContent)
                .findFirst()
                .orElse("");
    }

    private static List<Element> elements(Element within, String name) {
        var nodes = within.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
