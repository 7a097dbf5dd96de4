package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class OutsideMainTest {
    @Test
    void eachCommandIsOfferedOrSaidToBeTheExecutables() {
        Set<String> known = new TreeSet<>(OutsideMain.OF_THE_EXECUTABLE);
        known.addAll(new OutsideMain("1").commands().getSubcommands().keySet());

        assertThat(known)
                .containsExactlyInAnyOrderElementsOf(Stream.of(GuardianCommand.class
                                .getAnnotation(Command.class)
                                .subcommands())
                        .map(command -> command.getAnnotation(Command.class).name())
                        .toList());
    }
}
