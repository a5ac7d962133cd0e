import type uPlot from 'uplot';

export type Bars = {
  names: readonly string[];
  values: readonly number[];
  /** A value at the axis. */
  short: (value: number) => string;
  /** Which bar the pointer is over; null for none. */
  hovered: (index: number | null) => void;
};

const AXIS_PX = 12;

/** A token's colour in the present theme, as a canvas takes it. */
const colourOf = (element: HTMLElement, token: string): string => {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/** Draws bars into the element, in its size. The library is loaded with the first chart. */
export const drawBars = async (
  element: HTMLElement,
  { names, values, short, hovered }: Bars,
): Promise<uPlot> => {
  const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]);
  const { bars } = Plot.paths;
  const colour = (token: string) => () => colourOf(element, token);
  const font = `${AXIS_PX}px ${getComputedStyle(element).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: colour('--color-muted'),
    font,
    ticks: { show: false },
    grid: { stroke: colour('--color-line'), width: 1 },
  };
  return new Plot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [-0.6, values.length - 0.4] },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.05 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 28,
          space: 64,
          incrs: [1, 2, 3, 5, 7, 10, 14, 30, 60, 90, 180],
          values: (_plot, splits) => splits.map((at) => names[at] ?? ''),
        },
        { ...axis, size: 60, space: 40, values: (_plot, splits) => splits.map(short) },
      ],
      series: [
        {},
        {
          fill: colour('--color-accent'),
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars({ size: [0.7, 40], radius: 0.15 }) }),
        },
      ],
      hooks: { setCursor: [({ cursor }) => hovered(cursor.idx ?? null)] },
    },
    [values.map((_value, index) => index), [...values]],
    element,
  );
};
