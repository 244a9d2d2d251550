import type { CardElement } from '@microsoft/teams.cards';
import { directions, type Mailbox } from '../services/model/mailbox.ts';
import { statusMeant } from '../services/model/filter.ts';
import { listPageSize, type ListView } from '../services/model/list-view.ts';
import { cardButtons, commandButton, executeAction } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { listPage } from './list-page.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { approvalWord, directionWord } from './status-words.ts';
import template from './templates/mailboxes.json' with { type: 'json' };

export interface MailboxList {
  readonly view: ListView;
  /** The page's mailboxes: at most `listPageSize`. */
  readonly rows: readonly Mailbox[];
  /** All that match the filter. */
  readonly total: number;
  /** The list is of what failed in a run: how many that were, and whether all of them work again. */
  readonly ofRun?: { readonly id: string; readonly failed: number; readonly works: boolean };
  /** Names of profiles by id. */
  readonly profileNames: Readonly<Record<string, string>>;
}

/** Mailboxes as a table of one page; a row opens its mailbox. */
export function mailboxesCard({ view, rows, total, profileNames, ofRun }: MailboxList, context: CardContext): CardView {
  const say = speaker(context);
  const shown = rows.slice(0, listPageSize);
  const page = listPage(view.page, listPageSize, total, shown.length);
  const filter = plainText(view.filter, 200);
  const isFiltered = filter !== '' && filter.toLowerCase() !== 'all';
  const empty = isFiltered ? 'empty-filter' : 'empty';
  const { id, revision } = view;
  const isEmpty = shown.length === 0;
  const search = { verb: 'mailboxes.filter', title: say('button.search'), id, revision } as const;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('mailboxes.title'),
        { text: say('mailboxes.total', { count: total }), color: 'Accent' },
        isEmpty ? undefined : say('mailboxes.page', { from: page.from, to: page.to, count: total }),
      ),
      filterLabel: say('mailboxes.filter.label'),
      filterHint: say('mailboxes.filter.hint'),
      filter,
      columnNames: isEmpty ? [] : [columnNames(say)],
      rows: shown.map((mailbox) => row(mailbox, profileNames, say)),
      empty: remark(
        ofRun !== undefined
          ? say(`mailboxes.of-run-${ofRunKey(total, ofRun)}`, { id: ofRun.id, failed: ofRun.failed, total })
          : isEmpty
            ? say(`mailboxes.${empty}`)
            : null,
      ),
      next: nextStep(
        context,
        say(isEmpty ? `mailboxes.${empty}-next` : isFiltered ? 'mailboxes.filtered-next' : 'mailboxes.next', {
          status: statusMeant(view.filter) ?? 'none',
        }),
      ),
      actions: cardButtons(context, [
        isEmpty && !isFiltered ? commandButton(say('button.import-mailboxes'), 'import mailboxes', 'positive') : null,
        isEmpty && !isFiltered ? search : { ...search, style: 'positive' },
        page.hasPrevious
          ? { verb: 'mailboxes.previous', title: say('button.previous'), id, revision, inputs: 'none' }
          : null,
        page.hasNext ? { verb: 'mailboxes.next', title: say('button.next'), id, revision, inputs: 'none' } : null,
      ]),
    },
    say('mailboxes.summary', { count: total, filtered: isFiltered, filter }),
    context,
  );
}

/** The number of the run's card is that of its end: beside the list's own it needs a word. */
function ofRunKey(total: number, { failed, works }: NonNullable<MailboxList['ofRun']>): string {
  if (total === 0) return works ? 'none' : 'quiet';
  return total === failed ? 'all' : 'some';
}

function row(mailbox: Mailbox, profileNames: Readonly<Record<string, string>>, say: Say): object {
  const address = plainText(mailbox.address);
  const profile = mailbox.profileId === null ? undefined : profileNames[mailbox.profileId];
  return {
    address,
    kind: say('mailboxes.kind', {
      type: say(`type.${mailbox.type}`),
      profile: profile === undefined ? say('profile.none') : plainText(profile, 40),
    }),
    cells: [
      approvalWord(say, mailbox.approval),
      ...directions.map((direction) => directionWord(say, mailbox, direction)),
    ],
    open: executeAction({
      verb: 'mailbox.show',
      title: say('mailboxes.open', { address }),
      id: mailbox.id,
      revision: mailbox.revision,
      inputs: 'none',
    }),
  };
}

/** Above the states only: the address has a line of its own, so that a row is readable on a phone. */
function columnNames(say: Say): CardElement {
  const names = ['approval', ...directions].map((name) => say(`column.${name}`));
  return {
    type: 'ColumnSet',
    columns: names.map((text) => ({
      type: 'Column',
      width: 'stretch',
      items: [
        { type: 'TextBlock', text, style: 'columnHeader', weight: 'Bolder', size: 'Small', isSubtle: true, wrap: true },
      ],
    })),
  };
}
