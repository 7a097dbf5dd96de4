"""Prints the figures as Markdown: the median over the rounds, and the minimum and maximum in parentheses."""

import statistics

REFERENCES = ("kubectl proxy", "nginx")


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values):
    middle = number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({number(min(values))}–{number(max(values))})"


def rows(header, lines):
    yield "| " + " | ".join(header) + " |"
    yield "|---|" + "---:|" * (len(header) - 1)
    for line in lines:
        yield "| " + " | ".join(line) + " |"
    yield ""


def ratios(name, cpu):
    """The ratio of the CPU to each reference; empty for the reference itself, and if no figure can be compared."""
    for reference in REFERENCES:
        if name == reference or name not in cpu or not cpu.get(reference):
            yield ""
        else:
            yield f"{cpu[name] / cpu[reference]:.2f}"


def plain(title, figures):
    """Yields a table of plain requests; ``figures`` has a list of measurements for each name."""
    cpu = {name: statistics.median(m["cpu"] for m in runs) for name, runs in figures.items() if "cpu" in runs[0]}
    yield f"### {title}\n"
    header = ["", "CPU µs per request", *(f"ratio to {reference}" for reference in REFERENCES), "requests/s", "p50 ms", "p99 ms"]
    lines = []
    for name, runs in figures.items():
        columns = [spread([m[key] for m in runs]) for key in ("rate", "p50", "p99")]
        cost = spread([m["cpu"] for m in runs]) if name in cpu else ""
        lines.append([name, cost, *ratios(name, cpu), *columns])
    yield from rows(header, lines)


def memory(figures):
    yield "### Memory, MiB, and start\n"
    header = ["", "idle RSS", "idle PSS", "PSS with probes", "RSS after the load", "PSS after the load", "peak RSS", "start s"]
    yield from rows(
        header,
        (
            [name, *(number(m[key]) for key in ("idle_rss", "idle_pss", "probed_pss", "rss", "pss", "peak", "start"))]
            for name, m in figures.items()
        ),
    )


def one_shots(figures):
    yield "### Start and check of the guardian, one process at a time\n"
    header = ["", "exec to ready, ms", "exec to exit of `check`, ms", "executable MB", "gzip MB"]
    lines = []
    for name, m in figures.items():
        times = [spread([seconds * 1000 for seconds in m[key]]) for key in ("ready", "check")]
        lines.append([name, *times, *(number(m[key]) if key in m else "" for key in ("size", "gzip"))])
    yield from rows(header, lines)


def watches(title, figures):
    cpu = {name: m["cpu"] for name, m in figures.items()}
    yield f"### {title}\n"
    header = ["", "RSS added MiB", "PSS added MiB", "peak RSS MiB", "CPU µs per event"]
    header += [*(f"ratio to {reference}" for reference in REFERENCES), "events/s", "p50 ms", "p99 ms"]
    yield from rows(
        header,
        (
            [name, *(number(m[key]) for key in ("rss", "pss", "peak", "cpu")), *ratios(name, cpu)]
            + [number(m[key]) for key in ("rate", "p50", "p99")]
            for name, m in figures.items()
        ),
    )
