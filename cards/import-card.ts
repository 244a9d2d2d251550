import type { CardElement } from '@microsoft/teams.cards';
import type { EmailSettings } from '../services/model/environment.ts';
import type { ImportBatch, ImportRow, ImportVerdict } from '../services/model/import-batch.ts';
import type { Deciders } from '../services/model/who-decides.ts';
import { methodNone, serverSide } from '../services/model/mailbox.ts';
import { translate } from '../locales/translate.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts, type FactLine } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { methodWord } from './status-words.ts';
import template from './templates/import.json' with { type: 'json' };

export interface ImportCardDetails extends Pick<EmailSettings, 'incomingMethod' | 'outgoingMethod' | 'actMethod'> {
  /** The default profile, which the mailboxes will get. */
  readonly profileName: string | null;
  /** Rows that will wait for an approver. */
  readonly approvalRequired: number;
  /** Where requests for approval are shown: channels, or approvers in their own chats; none of both: nobody sees them. */
  readonly reached: { readonly channels: number; readonly people: number };
  /** Who may decide about what this person imports. */
  readonly deciders: Pick<Deciders, 'count' | 'holdsBackRequester'>;
}

const listed = { refused: 10, rejected: 5, accepted: 5 } as const;

/** The dry run of an import in numbers, what is wrong by line, and the confirmation. */
export function importCard(batch: ImportBatch, given: ImportCardDetails, context: CardContext): CardView {
  const say = speaker(context);
  const again = batch.rows.filter(({ rejectedBecause, unasked }) => rejectedBecause !== undefined || unasked).length;
  const details = { ...given, approvalRequired: given.approvalRequired + again };
  const count = (verdict: ImportVerdict): number => batch.rows.filter((row) => row.verdict === verdict).length;
  const counts = {
    fresh: count('new'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    refused: count('refused'),
  };
  const effective = counts.fresh + counts.changed;
  const { state } = batch;
  const isWaiting = state === 'waiting';
  const face = isWaiting ? waitingFace(effective, counts) : state;
  const { id, revision } = batch;
  const approves = details.approvalRequired > 0;
  const next = face === 'done' ? doneNext(details) : (`${face}-next` as const);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('import.title'),
        stateWord(say, face),
        say(`import.${face}-intro`, { count: face === 'known' ? counts.unchanged : effective }),
      ),
      facts:
        state === 'cancelled'
          ? []
          : cardFacts([
              ...sourceFacts(say, batch),
              ...countFacts(say, counts),
              ...(effective === 0 ? [] : effectFacts(say, batch, details)),
            ]),
      warning: [
        ...remark(
          details.profileName === null && effective > 0 && state !== 'cancelled' ? say('import.no-profile') : null,
          'Warning',
        ),
        ...remark(
          approves && effective > 0 && state !== 'cancelled' && details.deciders.count === 0
            ? say('import.nobody-decides', { own: details.deciders.holdsBackRequester })
            : null,
          'Warning',
        ),
        ...(isWaiting ? sourceRemarks(say, batch) : []),
      ],
      lists:
        state === 'cancelled'
          ? []
          : [...refusedList(batch, context), ...rejectedList(batch.rows, say), ...acceptedList(batch, say)],
      toggle: face === 'waiting' && (approves || details.profileName !== null) ? [testToggle(say, approves)] : [],
      next: nextStep(
        context,
        say(`import.${next}`, {
          refused: counts.refused,
          own: details.deciders.holdsBackRequester,
          ...details.reached,
        }),
      ),
      actions: cardButtons(context, [
        face === 'waiting'
          ? {
              verb: 'import.confirm',
              title: say('button.import', { count: effective }),
              id,
              revision,
              style: 'positive',
            }
          : null,
        face === 'waiting'
          ? { verb: 'import.cancel', title: say('button.cancel'), id, revision, inputs: 'none' }
          : null,
        state === 'done' && approves ? commandButton(say('button.pending'), 'pending', 'positive') : null,
        state === 'done' || face === 'known' ? commandButton(say('button.mailboxes'), 'mailboxes') : null,
        state === 'cancelled' || face === 'nothing'
          ? commandButton(say('button.import-mailboxes'), 'import mailboxes')
          : null,
      ]),
    },
    say(`import.${face}-summary`, {
      count: face === 'known' ? counts.unchanged : effective,
      refused: counts.refused,
    }),
    context,
  );
}

/** Where the rows come from; what was pasted stands just above. */
function sourceFacts(say: Say, { source }: ImportBatch): FactLine[] {
  switch (source?.kind) {
    case 'file':
      return [[say('import.source'), say('import.source-file', { name: plainText(source.name) })]];
    case 'directory': {
      const [name, address] = [plainText(source.name, 60), plainText(source.address, 80)];
      const entry = name === '' || name === address ? address : `${name} · ${address}`;
      const { groups, repeated } = source;
      return [
        [say('import.source'), say('import.source-directory', { entry, inner: Math.max(0, groups - 1), repeated })],
      ];
    }
    case 'paste':
    case undefined:
      return [];
  }
}

/** What a reader has to look at before the rows are right. */
function sourceRemarks(say: Say, { source, ignoredColumns = [] }: ImportBatch): CardElement[] {
  const assumed = source?.kind === 'file' && source.encoding === 'windows-1252';
  const columns = ignoredColumns.map((column) => plainText(column, 40)).join(', ');
  return [
    ...remark(assumed ? say('import.encoding-assumed') : null, 'Warning'),
    ...remark(source?.kind === 'directory' ? say('import.directory-types') : null),
    ...remark(columns === '' ? null : say('import.ignored-columns', { columns })),
  ];
}

/** Whoever imports has to know it first of all when nobody can see the request. */
function doneNext({ profileName, approvalRequired, reached, deciders }: ImportCardDetails): string {
  if (approvalRequired > 0 && deciders.count === 0) return 'done-nobody-next';
  if (approvalRequired > 0 && reached.channels + reached.people === 0) return 'done-unseen-next';
  if (profileName === null) return 'done-profile-next';
  return approvalRequired > 0 ? 'done-approval-next' : 'done-next';
}

type Counts = Readonly<Record<'fresh' | 'changed' | 'unchanged' | 'refused', number>>;

/** How many of each kind; a kind of which there is none is left out, but the new ones are what a reader looks for. */
function countFacts(say: Say, { fresh, changed, unchanged, refused }: Counts): FactLine[] {
  const some = (count: number): string | null => (count > 0 ? say('number', { count }) : null);
  return [
    [say('import.new'), say('number', { count: fresh })],
    [say('import.changed'), some(changed)],
    [say('import.unchanged'), some(unchanged)],
    [say('import.refused'), some(refused)],
  ];
}

/** `known`: a list that was imported before is no mistake, so it is not called one. */
function waitingFace(effective: number, { unchanged, refused }: Counts): 'waiting' | 'known' | 'nothing' {
  if (effective > 0) return 'waiting';
  return unchanged > 0 && refused === 0 ? 'known' : 'nothing';
}

function effectFacts(say: Say, { rows }: ImportBatch, details: ImportCardDetails): FactLine[] {
  // A known mailbox keeps its methods, also when it becomes a queue.
  const queues = rows.some(({ verdict, type }) => verdict === 'new' && type === 'queue');
  return [
    [say('fact.profile'), details.profileName === null ? say('profile.none') : plainText(details.profileName)],
    [say('fact.methods'), methods(say, details)],
    [say('import.queues'), queues && details.actMethod !== methodNone.act ? say('import.queues-text') : null],
    [say('fact.approval'), say('import.approval', { count: details.approvalRequired })],
  ];
}

type Face = 'nothing' | 'known' | 'waiting' | 'done' | 'cancelled';

function stateWord(say: Say, face: Face): StateWord {
  const words: Readonly<Record<Face, StateWord>> = {
    waiting: { text: say('state.waiting'), color: 'Warning' },
    nothing: { text: say('state.nothing'), color: 'Attention' },
    known: { text: say('state.known'), color: 'Good' },
    done: { text: say('state.imported'), color: 'Good' },
    cancelled: { text: say('state.cancelled'), color: 'Default' },
  };
  return words[face];
}

function methods(say: Say, { incomingMethod, outgoingMethod, actMethod }: ImportCardDetails): string {
  const isServerSide =
    incomingMethod === serverSide.incoming && outgoingMethod === serverSide.outgoing && actMethod === serverSide.act;
  if (isServerSide) return say('methods-all');
  return say('methods', {
    incoming: methodWord(say, 'incoming', incomingMethod),
    outgoing: methodWord(say, 'outgoing', outgoingMethod),
    act: methodWord(say, 'act', actMethod),
  });
}

interface LineList {
  readonly title: string;
  readonly color: string;
  readonly lines: readonly { readonly line: string }[];
}

function refusedList(batch: ImportBatch, context: CardContext): LineList[] {
  const say = speaker(context);
  const lines = batch.rows.flatMap(({ line, refusal }) => {
    if (refusal === null) return [];
    const reason = translate(context.locale, `import.refusal.${refusal.code}`, { value: plainText(refusal.value, 60) });
    return [batch.source?.kind === 'directory' ? reason : say('import.refused-line', { line, reason })];
  });
  return lineList(say, say('import.refused-title', { count: lines.length }), 'Attention', lines, listed.refused);
}

/** Their approval is asked for again: whoever imports reads why it was refused. */
function rejectedList(rows: readonly ImportRow[], say: Say): LineList[] {
  const lines = rows.flatMap(({ address, rejectedBecause }) => {
    if (rejectedBecause === undefined) return [];
    const reason = plainText(rejectedBecause, 200);
    return [say('import.rejected-line', { address: plainText(address), hasReason: reason !== '', reason })];
  });
  return lineList(say, say('import.rejected-title', { count: lines.length }), 'Warning', lines, listed.rejected);
}

function acceptedList({ rows, state }: ImportBatch, say: Say): LineList[] {
  const lines = rows
    .filter(({ verdict }) => verdict === 'new' || verdict === 'changed')
    .map(({ address, type, owner, verdict }) =>
      say('import.row', {
        address: plainText(address),
        type: say(`type.${type}`),
        owner: plainText(owner, 60),
        hasOwner: owner.trim() !== '' && owner !== address,
        changed: verdict === 'changed',
      }),
    );
  const title = state === 'done' ? 'import.imported-title' : 'import.accepted-title';
  return lineList(say, say(title, { count: lines.length }), 'Default', lines, listed.accepted);
}

function lineList(say: Say, title: string, color: string, lines: readonly string[], most: number): LineList[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, most).map((line) => ({ line }));
  const more = lines.length > most ? [{ line: say('more', { count: lines.length - most }) }] : [];
  return [{ title, color, lines: [...shown, ...more] }];
}

function testToggle(say: Say, approves: boolean): object {
  return {
    type: 'Input.Toggle',
    id: 'testWhenApproved',
    label: say('import.test-label'),
    title: say(approves ? 'import.test-when-approved' : 'import.test-after'),
    value: 'true',
    valueOn: 'true',
    valueOff: 'false',
    wrap: true,
  };
}
