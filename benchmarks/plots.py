"""Plots as SVG text. Colours of middle brightness on no background: legible on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

INK, FAINT = "#7d8590", "#7d859055"
COLOURS = ("#3b82f6", "#16a34a", "#d97706", "#a855f7", "#e11d48", "#0891b2")
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="13" fill="{ink}">\n'
    "<title>{title}</title>\n"
)
Points = Sequence[tuple[float, float]]


def lines(title: str, series: Mapping[str, Points], x_name: str, y_name: str) -> str:
    """A plot with logarithmic axes. `series`: name → (x, y), all above zero, y in seconds."""
    left, top, width, height, right = 70, 44, 480, 330, 250
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    x_low, x_high = log10(min(xs)) - 0.1, log10(max(xs)) + 0.1
    y_low, y_high = floor(log10(min(ys))), ceil(log10(max(ys)))

    def at(x: float, y: float) -> tuple[float, float]:
        across = (log10(x) - x_low) / (x_high - x_low)
        up = (log10(y) - y_low) / (y_high - y_low)
        return round(left + across * width, 1), round(top + (1 - up) * height, 1)

    drawn = [HEAD.format(width=left + width + right, height=top + height + 60, ink=INK, title=title)]
    drawn.append(_text(left, 22, title, bold=True))
    for power in range(y_low, y_high + 1):
        _, y = at(min(xs), 10**power)
        drawn.append(f'<path d="M{left} {y}H{left + width}" stroke="{FAINT}"/>\n')
        drawn.append(_text(left - 8, y + 4, _seconds(10**power), anchor="end"))
    for each in sorted(set(xs)):
        x, _ = at(each, 10**y_low)
        drawn.append(f'<path d="M{x} {top}V{top + height}" stroke="{FAINT}"/>\n')
        drawn.append(_text(x, top + height + 20, f"{each:,.0f}", anchor="middle"))
    drawn.append(_text(left + width / 2, top + height + 44, f"{x_name}; up: {y_name}", anchor="middle"))
    ends: list[tuple[float, str, str]] = []
    for (name, points), colour in zip(series.items(), COLOURS, strict=False):
        places = [at(x, y) for x, y in sorted(points)]
        path = "L".join(f"{x} {y}" for x, y in places)
        drawn.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n')
        drawn += [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>\n' for x, y in places]
        ends.append((places[-1][1], name, colour))
    last = 0.0
    for y, name, colour in sorted(ends):
        last = max(y + 4, last + 17)
        drawn.append(_text(left + width + 10, last, name, colour=colour))
    return "".join([*drawn, "</svg>\n"])


def bars(title: str, panels: Mapping[str, Mapping[str, float]]) -> str:
    """Panels of horizontal bars beside each other. `panels`: its title → (stage → seconds), the same stages in all."""
    stages = list(dict.fromkeys(stage for panel in panels.values() for stage in panel))
    left, top, step, width, gap = 250, 70, 22, 150, 130
    height = top + step * len(stages) + 14
    drawn = [HEAD.format(width=left + len(panels) * (width + gap), height=height, ink=INK, title=title)]
    drawn.append(_text(12, 22, title, bold=True))
    for row, stage in enumerate(stages):
        drawn.append(_text(left - 12, top + row * step + 13, stage, anchor="end"))
    for number, (name, panel) in enumerate(panels.items()):
        x, colour = left + number * (width + gap), COLOURS[number % len(COLOURS)]
        whole, most = sum(panel.values()), max(panel.values())
        drawn.append(_text(x, top - 14, f"{name}: {_seconds(whole)}", colour=colour, bold=True))
        for row, stage in enumerate(stages):
            seconds = panel.get(stage, 0.0)
            y, length = top + row * step, round(max(seconds / most * width, 1), 1)
            drawn.append(f'<rect x="{x}" y="{y}" width="{length}" height="{step - 6}" fill="{colour}"/>\n')
            drawn.append(_text(x + length + 6, y + 13, f"{seconds / whole:.0%} · {_seconds(seconds)}"))
    return "".join([*drawn, "</svg>\n"])


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = INK, *, bold: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}"{weight}>{text}</text>\n'


def _seconds(seconds: float) -> str:
    """A time with a unit that fits: "12 ms", "0.4 ms", "3.5 s"."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.0095 else f"{seconds * 1000:.1f} ms"
