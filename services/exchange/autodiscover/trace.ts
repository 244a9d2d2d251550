import type { DiscoveryNote, DiscoveryStep } from '../../model/discovery.ts';
import type { Params } from '../../model/error.ts';
import type { Fault } from '../../model/fault.ts';
import type { Ask, Heard } from './search-state.ts';

export interface Note {
  readonly code: DiscoveryNote;
  readonly params: Params;
  readonly fault?: Fault;
}

/** One step for the trace. What servers wrote into it is cut; credentials and queries never enter. */
export function stepOf(ask: Ask, heard: Heard, note: Note, at: number): DiscoveryStep {
  const status = heard.kind === 'http' ? (heard.result.answer?.status ?? null) : null;
  return {
    at,
    url: ask.kind === 'srv' ? ask.name : shownUrl(ask.url),
    what: ask.kind,
    status,
    fault: note.fault ?? null,
    note: { code: note.code, params: note.params },
  };
}

/** Without user, query and fragment: they may carry state of a sign-in page or an address. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  return cut(`${url.protocol}//${url.host}${url.pathname}`, 300);
}

/** The host of what a server pointed at, or as much of it as can be shown. */
export function shownTarget(text: string, base: string): string {
  if (text.length <= 4096 && URL.canParse(text, base)) {
    const url = new URL(text, base);
    return cut(`${url.protocol}//${url.host}`, 120);
  }
  return cut(text.replaceAll(/[?#].*$/gsu, '').replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' '), 60);
}

const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);
