/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const linePattern = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /([a-z_]+)="((?:[^"\\]|\\.)*)",?/gy;

/** Reads what a scrape gave; throws for a line that no scraper could read. */
export function readMetrics(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = linePattern.exec(line) ?? [];
      const pairs = [...labels.matchAll(labelPattern)];
      const isWhole = pairs.reduce((length, [pair]) => length + pair.length, 0) === labels.length;
      if (name === '' || !isWhole || (Number.isNaN(Number(value)) && value !== 'Nan'))
        throw new Error(`not a metric: ${line}`);
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
        value: Number(value),
      };
    });
}

/** The one sample with these labels; undefined when there is none. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = readMetrics(text).filter(
    (sample) =>
      sample.name === name &&
      Object.keys(sample.labels).length === Object.keys(labels).length &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${name} stands there ${found.length} times`);
  return found[0]?.value;
}
