// A chart and the same figures as a table, for who does not see it or wants them exactly.
import { useEffect, useRef, useState } from "react";
import type uPlot from "uplot";

import { Scrolls } from "./Say";

export type Line = { name: string; values: (number | null)[]; colour: string };

type Props = {
  title: string;
  /** Unix seconds. */
  times: number[];
  lines: Line[];
  kind: "bars" | "line";
  /** How a moment is called below the chart. */
  tick: (time: number) => string;
  /** How a moment is called in the table. */
  say: (time: number) => string;
};

const HALF_DAY_S = 43_200;
const HEIGHT_PX = 190;

const colourOf = (element: Element, name: string) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

/** Bars stand upon each other: the sums, the highest first, so that lower ones cover them. */
const stacked = (lines: Line[]): Line[] => {
  const sums = lines.map((line) => ({ ...line, values: [...line.values] }));
  for (let i = 1; i < sums.length; i += 1) {
    const [above, below] = [sums[i], sums[i - 1]];
    if (above && below) {
      above.values = above.values.map((value, at) => (value ?? 0) + (below.values[at] ?? 0));
    }
  }
  return sums.reverse();
};

const options = (Plot: typeof uPlot, element: Element, props: Props): uPlot.Options => {
  const soft = colourOf(element, "--soft");
  const line = colourOf(element, "--line");
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const bars = Plot.paths.bars?.({ size: [0.7, 24] });
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    tzDate: (time) => Plot.tzDate(new Date(time * 1000), "Etc/UTC"),
    cursor: { show: false },
    legend: { show: false },
    scales: {
      // Half a bar of room at either end.
      x: {
        range: (_, from, to) =>
          props.kind === "bars" ? [from - HALF_DAY_S, to + HALF_DAY_S] : [from, to],
      },
      y: { range: (_, __, most) => [0, Math.max(1, most) * 1.05] },
    },
    axes: [
      {
        ...axis,
        font,
        grid: { show: false },
        space: 76,
        values: (_, splits) => splits.map((time) => props.tick(time)),
      },
      {
        ...axis,
        font,
        size: 44,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
      },
    ],
    series: [
      {},
      ...(props.kind === "bars" ? stacked(props.lines) : props.lines).map(({ name, colour }) => {
        const stroke = colourOf(element, colour);
        return props.kind === "bars" && bars
          ? { label: name, stroke, fill: stroke, width: 0, paths: bars, points: { show: false } }
          : { label: name, stroke, width: 1.5, points: { show: false } };
      }),
    ],
  };
};

export const Chart = (props: Props) => {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [theme, setTheme] = useState(0);

  useEffect(() => {
    const again = () => setTheme((n) => n + 1);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    const switched = new MutationObserver(again);
    switched.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      dark.removeEventListener("change", again);
      switched.disconnect();
    };
  }, []);

  const figures = JSON.stringify([props.times, props.lines]);
  // Drawn anew when the figures or the colours are others.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let plot: uPlot | undefined;
    let ended = false;
    const resized = new ResizeObserver(() => {
      plot?.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    const drawn = import("./uplot").then(({ default: Plot }) => {
      if (ended) return;
      const now = latest.current;
      const lines = now.kind === "bars" ? stacked(now.lines) : now.lines;
      const data = [now.times, ...lines.map((line) => line.values)] as uPlot.AlignedData;
      plot = new Plot(options(Plot, element, now), data, element);
      resized.observe(element);
    });
    // Where it cannot be drawn, the same figures stand in the table.
    drawn.catch(() => element.parentElement?.querySelector("details")?.setAttribute("open", ""));
    return () => {
      ended = true;
      resized.disconnect();
      plot?.destroy();
    };
  }, [figures, theme]);

  return (
    <figure className="chart">
      <figcaption className="legend">
        {props.lines.map((line) => (
          <span key={line.name}>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" rx="2" style={{ fill: `var(${line.colour})` }} />
            </svg>
            {line.name}
          </span>
        ))}
      </figcaption>
      <div ref={place} className="plot" aria-hidden="true" />
      <details>
        <summary>The same as a table</summary>
        <Scrolls label={props.title}>
          <table>
            <caption className="unseen">{props.title}</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {props.lines.map((line) => (
                  <th key={line.name} scope="col" className="number">
                    {line.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {props.times
                .map((time, at) => (
                  <tr key={time}>
                    <th scope="row">{props.say(time)}</th>
                    {props.lines.map((line) => (
                      <td key={line.name} className="number">
                        {line.values[at] ?? "–"}
                      </td>
                    ))}
                  </tr>
                ))
                .reverse()}
            </tbody>
          </table>
        </Scrolls>
      </details>
    </figure>
  );
};
