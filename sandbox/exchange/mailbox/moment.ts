/** Milliseconds of a time on the wire; one without a zone counts as UTC, and what is no time is NaN. */
export function readMoment(text: string | undefined): number {
  if (text === undefined) return Number.NaN;
  const trimmed = text.trim();
  if (/^\d{4}-\d\d-\d\d$/.test(trimmed)) return Date.parse(`${trimmed}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\dZ$/.test(trimmed)) return Date.parse(trimmed.replace('Z', 'T00:00:00Z'));
  return Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(trimmed) ? trimmed : `${trimmed}Z`);
}

/** Times on the wire have whole seconds and are UTC. */
export function wireTime(time: Date | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
