package io.tokenguardian.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.process.StartupMemory.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartupMemoryTest {
    private static final String EXECUTABLE = "/opt/token guardian";

    private static List<Range> unaltered(String permissions, String file, String anonymous) {
        return unaltered(permissions, file, anonymous, "Swap:                  0 kB");
    }

    private static List<Range> unaltered(String permissions, String file, String anonymous, String swap) {
        String smaps = """
                00410000-01cfa000 %s 00010000 fe:00 11173962                           %s
                Size:              25512 kB
                Rss:               17384 kB
                Anonymous:      %s kB
                %s
                VmFlags: rd ex mr mw me
                """.formatted(permissions, file, anonymous, swap);
        return StartupMemory.unchangedMappings(smaps.lines(), EXECUTABLE);
    }

    @Test
    void codeIsGivenBack() {
        assertThat(unaltered("r-xp", EXECUTABLE, "       0")).containsExactly(new Range(0x410000, 0x1cfa000));
    }

    @Test
    void whatNobodyCanWriteToIsGivenBack() {
        assertThat(unaltered("r--p", EXECUTABLE, "       0")).containsExactly(new Range(0x410000, 0x1cfa000));
    }

    @Test
    void whatCanBeWrittenToStays() {
        assertThat(unaltered("rw-p", EXECUTABLE, "       0")).isEmpty();
    }

    @Test
    void whatTheLinkerHasFilledInStays() {
        assertThat(unaltered("r--p", EXECUTABLE, "       4")).isEmpty();
    }

    @Test
    void whatTheLinkerHasFilledInStaysWhenItIsInSwap() {
        assertThat(unaltered("r--p", EXECUTABLE, "       0", "Swap:                  4 kB"))
                .isEmpty();
    }

    @Test
    void everythingStaysWhereTheKernelSaysNothingOfSwap() {
        assertThat(unaltered("r-xp", EXECUTABLE, "       0", "")).isEmpty();
    }

    @Test
    void librariesStay() {
        assertThat(unaltered("r-xp", "/usr/lib/libc.so.6", "       0")).isEmpty();
    }

    @Test
    void whatIsOfNoFileStays() {
        assertThat(unaltered("r--p", "", "       0")).isEmpty();
    }

    @Test
    void aMappingAfterOneOfTheExecutableIsNotTakenForIt() {
        // Given
        String smaps = """
                00410000-01cfa000 r-xp 00010000 fe:00 11173962 %s
                7f391ec6c000-7f391edcf000 r-xp 00028000 fe:00 178050 /usr/lib/libc.so.6
                Anonymous:             0 kB
                Swap:                  0 kB
                """.formatted(EXECUTABLE);

        // When
        List<Range> ranges = StartupMemory.unchangedMappings(smaps.lines(), EXECUTABLE);

        // Then
        assertThat(ranges).isEmpty();
    }
}
