import type { CardElement } from '@microsoft/teams.cards';
import { requestOfAct, type AuditEntry } from '../services/model/audit.ts';
import { listPageSize, type ListView } from '../services/model/list-view.ts';
import { auditSentence } from './audit-words.ts';
import { cardButtons, commandButton, executeAction, type Button, type LinkButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/history.json' with { type: 'json' };

/** What is known of the whole trail. `problem` null: it is complete. */
export interface TrailState {
  readonly problem: 'changed' | 'missing' | 'inserted' | 'cut' | 'damaged' | 'begins-late' | null;
  readonly badPosition: number | null;
  readonly entries: number;
  readonly unlinked: number;
  /** Entries before them that were removed on purpose, as old as they were. */
  readonly removed?: number;
  readonly since: number | null;
  readonly until: number | null;
  /** Number and hash of the newest entry: whoever notes them can tell later whether the trail up to there is still this one. */
  readonly position: number;
  readonly hash: string;
}

/** An entry, or the newest of `count` that one act wrote. Positions null: from before entries were numbered. */
export interface HistoryLine {
  readonly entry: AuditEntry;
  readonly position: number | null;
  readonly count: number;
  readonly firstPosition: number | null;
}

export interface HistoryPage {
  readonly view: ListView;
  /** At most `listPageSize`, newest first. */
  readonly rows: readonly HistoryLine[];
  readonly hasNext: boolean;
  /** Set when the search stopped at this time, epoch ms, since it would have taken too long. */
  readonly searchedBackTo: number | null;
  /** Null: the check is still under way. */
  readonly trail: TrailState | null;
  /** Of profiles and people, by id. */
  readonly names: Readonly<Record<string, string>>;
  /** '' is somebody's own chat. */
  readonly places: Readonly<Record<string, string>>;
  readonly exportUrl: string | null;
}

/** Who did what, newest first, and whether the trail is whole. */
export function historyCard(page: HistoryPage, context: CardContext): CardView {
  const say = speaker(context);
  const { view, trail } = page;
  const { id, revision } = view;
  const filter = plainText(view.filter, 200);
  const rows = page.rows.slice(0, listPageSize);
  const isEmpty = rows.length === 0;
  const isBroken = trail !== null && trail.problem !== null;
  // One button at a time is the likely one: a file that is ready, else the search.
  const search = page.exportUrl === null ? ({ style: 'positive' } as const) : {};
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('history.title'),
        trail === null
          ? { text: say('history.checking'), color: 'Accent' }
          : { text: say(isBroken ? 'history.broken' : 'history.whole'), color: isBroken ? 'Attention' : 'Good' },
        isEmpty ? undefined : say('history.page', { page: view.page + 1 }),
      ),
      trail: trailNote(trail, say),
      filterLabel: say('history.filter.label'),
      filterHint: say('history.filter.hint'),
      filter,
      rows: rows.map((row) => line(row, page, context)),
      empty: remark(
        page.searchedBackTo !== null
          ? say('history.searched', { time: localTime(page.searchedBackTo) })
          : isEmpty
            ? say(filter === '' ? 'history.empty' : 'history.empty-filter')
            : null,
      ),
      next: nextStep(
        context,
        say(isBroken ? 'history.broken-next' : `history.${page.exportUrl === null ? 'next' : 'export-next'}`),
      ),
      actions: cardButtons(context, [
        { verb: 'history.filter', title: say('button.search'), id, revision, ...search },
        view.page > 0 ? { verb: 'history.previous', title: say('button.newer'), id, revision, inputs: 'none' } : null,
        page.hasNext ? { verb: 'history.next', title: say('button.older'), id, revision, inputs: 'none' } : null,
        exportButton(page, say),
      ]),
    },
    say('history.summary', { problem: isBroken ? 'true' : 'false', filtered: filter !== '', filter }),
    context,
  );
}

/** What one act did to many is one line that opens their entries. */
function line(
  { entry, position, count, firstPosition }: HistoryLine,
  page: HistoryPage,
  context: CardContext,
): CardElement {
  const say = speaker(context);
  const many = { count, filtered: page.view.filter !== '' };
  const number =
    position === null
      ? 'none'
      : count === 1
        ? say('number', { count: position })
        : say('history.numbers', { first: firstPosition ?? position, last: position });
  const where = say('history.where', {
    time: localTime(entry.at),
    number,
    place: plainText(placeOf(entry, page.places, say), 60),
  });
  const request = requestOfAct(entry);
  return {
    type: 'Container',
    separator: true,
    spacing: 'Small',
    ...(count === 1 || request === null
      ? {}
      : { selectAction: executeAction(commandButton(say('history.open', { count }), `history ${request}`)) }),
    items: [
      { type: 'TextBlock', text: auditSentence(context.locale, entry, page.names, many), wrap: true, size: 'Small' },
      { type: 'TextBlock', text: where, wrap: true, isSubtle: true, size: 'Small', spacing: 'None' },
      ...(count === 1
        ? []
        : [
            {
              type: 'TextBlock' as const,
              text: say('history.open-hint', { count }),
              wrap: true,
              color: 'Accent' as const,
              size: 'Small' as const,
              spacing: 'None' as const,
            },
          ]),
    ],
  };
}

function trailNote(trail: TrailState | null, say: Say): CardElement[] {
  if (trail === null) return remark(say('history.trail-checking'));
  const { problem, entries, unlinked, removed = 0, since, until, position, hash } = trail;
  const time = since === null ? '' : localTime(since);
  if (problem === null)
    return [
      ...remark(say('history.trail-whole', { count: entries, time, known: since !== null })),
      ...remark(removed > 0 ? say('history.trail-removed', { count: removed }) : null),
      ...remark(unlinked > 0 ? say('history.trail-unlinked', { count: unlinked }) : null),
      ...remark(entries > 0 ? say('history.trail-hash', { count: position, hash }) : null),
    ];
  const text = say(`history.trail.${problem}`, {
    number: trail.badPosition ?? 0,
    time: until === null ? '' : localTime(until),
    known: until !== null,
  });
  return [
    {
      type: 'Container',
      style: 'attention',
      items: [
        { type: 'TextBlock', text: say('history.trail-broken'), weight: 'Bolder', wrap: true },
        { type: 'TextBlock', text, wrap: true, spacing: 'Small' },
      ],
    },
  ];
}

function placeOf({ from, actorId }: AuditEntry, places: Readonly<Record<string, string>>, say: Say): string {
  if (from === undefined) return actorId === 'system' ? 'none' : say('history.elsewhere');
  if (!Object.hasOwn(places, from)) return say('history.chat');
  return places[from] || say('history.own-chat');
}

function exportButton({ view, exportUrl }: HistoryPage, say: Say): Button | LinkButton {
  if (exportUrl !== null) return { title: say('button.download-history'), url: exportUrl };
  return { verb: 'history.export', title: say('button.export-history'), id: view.id, revision: view.revision };
}
