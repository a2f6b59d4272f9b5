# Draws the panels of a dashboard as Grafana arranges them, with the series that lab/dashboard-picture.ts has recorded.
#
# usage: draw-dashboard.py FILE.png < panels.json
import json
import re
import sys
from datetime import datetime, timezone

import matplotlib
matplotlib.use('Agg')
import matplotlib.dates
import matplotlib.pyplot as plt

COLORS = {'green': '#73bf69', 'red': '#f2495c', 'blue': '#8ab8ff', 'orange': '#ff9830', 'text': '#cccccc'}
UNITS = {'s': 'seconds', 'cps': 'a second'}


def legend(target, metric):
    return re.sub(r'{{(\w+)}}', lambda match: metric.get(match[1], ''), target['legendFormat']).strip()


def series_of(panel):
    for target in panel['targets']:
        for series in target['series']:
            times = [datetime.fromtimestamp(time, timezone.utc) for time, _ in series['values']]
            yield legend(target, series['metric']), times, [float(value) for _, value in series['values']]


def draw_lines(axes, panel):
    defaults = panel['fieldConfig']['defaults']
    for name, times, values in series_of(panel):
        axes.plot(times, values, label=name, linewidth=1.2)
    for step in defaults.get('thresholds', {}).get('steps', [])[1:]:
        axes.axhline(step['value'], color=COLORS[step['color']], linewidth=1, linestyle='--')
    top = max(axes.get_ylim()[1], 1)
    axes.set_ylim(-0.03 * top, 1.15 * top)
    axes.set_ylabel(UNITS.get(defaults.get('unit'), ''), fontsize=7)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=6, loc='upper left', framealpha=0.6)


def draw_states(axes, panel):
    states = panel['fieldConfig']['defaults']['mappings'][0]['options']
    names = []
    for row, (name, times, values) in enumerate(series_of(panel)):
        names.append(name)
        for time, value in zip(times, values):
            axes.broken_barh([(matplotlib.dates.date2num(time), 5 / 86400)], (row - 0.4, 0.8), color=COLORS[states[str(int(value))]['color']])
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_ylim(len(names) - 0.1, -0.6)
    handles = [plt.Rectangle((0, 0), 1, 1, color=COLORS[state['color']]) for state in states.values()]
    axes.legend(handles, [state['text'] for state in states.values()], fontsize=6, loc='lower left', ncol=len(states), framealpha=0.8)


def main():
    panels = json.load(sys.stdin)
    rows = (len(panels) + 1) // 2
    figure, grid = plt.subplots(rows, 2, figsize=(12, 2.1 * rows), sharex=True, squeeze=False)
    for axes in grid.flat[len(panels):]:
        axes.set_axis_off()
    for panel, axes in zip(panels, grid.flat):
        axes.set_title(panel['title'], fontsize=9, loc='left', fontweight='bold')
        axes.tick_params(labelsize=7)
        (draw_states if panel['type'] == 'state-timeline' else draw_lines)(axes, panel)
        axes.xaxis.set_major_locator(matplotlib.dates.MinuteLocator())
        axes.xaxis.set_major_formatter(matplotlib.dates.DateFormatter('%H:%M'))
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=80)


main()
