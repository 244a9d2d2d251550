import { element } from './elements.js';

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** A chart of Teams as far as Mailroom's cards use it: title, picture, and a legend with the figures. */
class Chart extends globalThis.AdaptiveCards.CardElement {
  internalParse(source, context) {
    super.internalParse(source, context);
    this.source = source;
  }

  getJsonTypeName() {
    return this.constructor.type;
  }

  internalRender() {
    const points = this.points();
    // Several lines share one legend.
    const named = [...new Map(points.map((point) => [point.legend, point])).values()];
    const legend = named.map(({ legend: name, color }) =>
      element('li', {}, element('span', { className: `chart-swatch chart-${color}`, 'aria-hidden': 'true' }), name),
    );
    const picture = this.picture(points);
    picture.setAttribute('aria-hidden', 'true');
    return element(
      'figure',
      { className: 'chart', 'aria-label': this.source.title ?? '' },
      element('figcaption', {}, this.source.title ?? ''),
      picture,
      element('ul', { className: 'chart-legend' }, ...legend),
    );
  }
}

export class DonutChart extends Chart {
  static type = 'Chart.Donut';

  points() {
    return this.source.data ?? [];
  }

  picture(points) {
    const total = points.reduce((sum, { value }) => sum + value, 0);
    let before = 0;
    const arcs = points.map(({ value, color }) => {
      const share = (value / total) * 100;
      const arc = svg('circle', {
        class: `chart-${color}`,
        cx: 21,
        cy: 21,
        r: 15.915,
        pathLength: 100,
        'stroke-dasharray': `${share} ${100 - share}`,
        'stroke-dashoffset': 25 - before,
      });
      before += share;
      return arc;
    });
    const sum = svg('text', { x: 21, y: 23, 'text-anchor': 'middle' }, total.toLocaleString());
    return svg('svg', { class: 'chart-donut', viewBox: '0 0 42 42' }, ...arcs, sum);
  }
}

export class StackedBarChart extends Chart {
  static type = 'Chart.HorizontalBar.Stacked';

  points() {
    return (this.source.data ?? []).flatMap(({ data = [] }) => data);
  }

  /** A bar a line, each as long as its part of the longest; one line alone has no name but the chart's. */
  picture() {
    const lines = this.source.data ?? [];
    const sums = lines.map(({ data = [] }) => data.reduce((sum, { value }) => sum + value, 0));
    const longest = Math.max(...sums);
    const drawn = lines.flatMap(({ title, data = [] }, index) => {
      const bars = data.map(({ value, color }) => {
        const bar = element('span', { className: `chart-${color}` });
        bar.style.flexGrow = String(value);
        return bar;
      });
      const bar = element('div', { className: 'chart-bar' }, ...bars);
      bar.style.width = `${Math.max((sums[index] / longest) * 100, 2)}%`;
      return lines.length === 1 ? [bar] : [element('div', {}, title ?? ''), bar];
    });
    return element('div', {}, ...drawn);
  }
}
