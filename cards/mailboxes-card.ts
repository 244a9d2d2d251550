import type { CardElement } from '@microsoft/teams.cards';
import {
  choiceOf,
  choicesOf,
  composeFilter,
  filterChoices,
  formatFilter,
  namedFilter,
  parseFilter,
  statusMeant,
  type FilterChoice,
} from '../services/model/filter.ts';
import { listPageSize } from '../services/model/list-view.ts';
import { approvalStatus, directions, type Mailbox } from '../services/model/mailbox.ts';
import {
  isMailboxSort,
  mailboxSorts,
  tickInput,
  type MailboxSort,
  type MailboxView,
} from '../services/model/mailbox-view.ts';
import {
  cardButtons,
  commandButton,
  executeAction,
  type Button,
  type ButtonMenu,
  type ButtonWithInputs,
  type DialogButton,
  type LinkButton,
} from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { listPage } from './list-page.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { approvalWord, directionWord } from './status-words.ts';
import template from './templates/mailboxes.json' with { type: 'json' };
import { staticChoices, typeaheadInput } from './typeahead-input.ts';
import type { Verb } from './verbs.ts';

export interface MailboxTable {
  readonly view: MailboxView;
  /** The page's mailboxes: at most `listPageSize`. */
  readonly rows: readonly Mailbox[];
  /** Ids of all that are selected, also on other pages. */
  readonly selected: readonly string[];
  /** Names of profiles by id. */
  readonly profileNames: Readonly<Record<string, string>>;
  /** The click did nothing, since the list is another one than its card showed, or another person's. */
  readonly untouched?: 'copied' | 'stale' | 'changed' | null;
  /** The list is of what failed in a run: how many that were, and whether all of them work again. */
  readonly ofRun?: { readonly id: string; readonly failed: number; readonly works: boolean };
  /** The reader's own download, as long as it works. */
  readonly download?: { readonly url: string; readonly count: number } | null;
}

/**
 * Mailboxes as a table of one page: a row opens its mailbox, or is ticked for what is done with many. Where all of them wait for
 * an approval, its reader decides about them here.
 */
export function mailboxesCard(table: MailboxTable, context: CardContext): CardView {
  const say = speaker(context);
  const { view, selected, profileNames, ofRun } = table;
  const { total, id, revision } = view;
  const rows = table.rows.slice(0, listPageSize);
  // What a screen reader says of a row is on the card twice, for clients of both kinds: with whole addresses of a hundred
  // characters it would be too large.
  const longestTitle = rows.reduce((sum, { address }) => sum + address.length, 0) > 400 ? 12 : 40;
  const page = listPage(view.page, listPageSize, total, rows.length);
  const filter = shownFilter(view, profileNames);
  const isFiltered = filter !== '';
  const empty = isFiltered ? 'empty-filter' : 'empty';
  const isEmpty = rows.length === 0;
  const decides = parseFilter(view.filter).approval === approvalStatus.pending && mayUse(context, 'decide');
  const selects = decides || ['test', 'manage', 'audit'].some((right) => mayUse(context, right as 'test'));
  const ticked = new Set(selected);
  const filtersProfile = parseFilter(view.filter).profile !== undefined;
  const position = isEmpty ? '' : say('mailboxes.page', { from: page.from, to: page.to, count: total });
  const chosen = selected.length === 0 ? '' : say('mailbox-list.selected', { count: selected.length });
  const subtitle = [position, chosen].filter((part) => part !== '').join(' · ');
  const search: Button = { verb: 'mailboxes.filter', title: say('button.search'), id, revision };
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('mailboxes.title'),
        { text: say('mailboxes.total', { count: total }), color: 'Accent' },
        subtitle === '' ? undefined : subtitle,
      ),
      notes: [
        ...remark(
          view.copiedFrom === null ? null : say('mailbox-list.copied', { who: personName(say, view.copiedFrom) }),
        ),
        ...remark(table.untouched === 'changed' ? say('mailbox-list.changed', { count: total }) : null, 'Warning'),
      ],
      filterLabel: say('mailboxes.filter.label'),
      filterHint: say('mailboxes.filter.hint'),
      filter,
      columnNames: isEmpty ? [] : [columnNames(say)],
      rows: rows.map((mailbox, index) =>
        row(
          mailbox,
          selects ? { index, isTicked: ticked.has(mailbox.id) } : null,
          filtersProfile ? null : profileNames,
          longestTitle,
          say,
        ),
      ),
      paging: paging(table, page, selects, context),
      empty: remark(
        ofRun !== undefined
          ? say(`mailboxes.of-run-${ofRunKey(total, ofRun)}`, { id: ofRun.id, failed: ofRun.failed, total })
          : isEmpty
            ? say(`mailboxes.${empty}`)
            : null,
      ),
      next: nextStep(
        context,
        decides && !isEmpty
          ? say('mailbox-list.decide-next', { count: selected.length })
          : nextText(table, { isEmpty, isFiltered, empty }, say),
      ),
      actions: cardButtons(
        context,
        isEmpty && !isFiltered && selected.length === 0
          ? [commandButton(say('button.import-mailboxes'), 'import mailboxes', 'positive'), search]
          : decides && !isEmpty
            ? [...decisionButtons(table, say), search, filterForm(table, say)]
            : selected.length > 0
              ? [selectionMenu(table, say), search, filterForm(table, say), exportButton(table, say)]
              : [
                  table.download ? search : { ...search, style: 'positive' },
                  filterForm(table, say),
                  isEmpty ? null : selectionMenu(table, say),
                  isEmpty ? null : exportButton(table, say),
                ],
      ),
    },
    say('mailboxes.summary', { count: total, filtered: isFiltered, filter: plainText(filter, 40) }),
    context,
  );
}

function nextText(
  { view, selected, download }: MailboxTable,
  { isEmpty, isFiltered, empty }: { isEmpty: boolean; isFiltered: boolean; empty: string },
  say: Say,
): string {
  if (download)
    return say('mailbox-list.download-next', { deed: say('mailbox-list.download', { count: download.count }) });
  if (selected.length > 0) return say('mailbox-list.selected-next', { count: selected.length });
  return say(isEmpty ? `mailboxes.${empty}-next` : isFiltered ? 'mailboxes.filtered-next' : 'mailboxes.next', {
    status: statusMeant(view.filter) ?? 'none',
  });
}

/** The number of the run's card is that of its end: beside the list's own it needs a word. */
function ofRunKey(total: number, { failed, works }: NonNullable<MailboxTable['ofRun']>): string {
  if (total === 0) return works ? 'none' : 'quiet';
  return total === failed ? 'all' : 'some';
}

/** The filter as its input shows it: one line, with the name of the profile. */
export function shownFilter({ filter }: MailboxView, names: Readonly<Record<string, string>>): string {
  return plainText(namedFilter(filter, names), filterLength);
}

const filterLength = 160;
/** A choice that asks for nothing; a client sends no empty one. */
const any = 'any';

/**
 * The filter and the order that somebody asks for with the inputs of a list's card. Text that was left as the card showed
 * it means the filter as it is, since the card shortens and shields what it shows.
 * @throws as parseFilter
 */
export function readSearch(
  view: MailboxView,
  names: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>>,
): Pick<MailboxView, 'filter' | 'sort'> {
  const { filter: text = '', sort } = inputs;
  const before = parseFilter(view.filter);
  const typed = text === shownFilter(view, names) ? before : parseFilter(text);
  const chosen: Partial<Record<FilterChoice, string>> = {};
  for (const key of filterChoices) {
    const choice = inputs[key];
    if (choice !== undefined && choice !== '') chosen[key] = choice === any ? '' : choice;
  }
  return {
    filter: formatFilter(composeFilter(before, typed, chosen)),
    sort: isMailboxSort(sort) ? sort : view.sort,
  };
}

/** Choices for what is asked most, and the order. They stand folded: on a phone five lists would push the table away. */
function filterForm({ view, profileNames }: MailboxTable, say: Say): ButtonWithInputs {
  const { id, revision, sort } = view;
  const filter = parseFilter(view.filter);
  const anyChoice = { title: say('mailbox-list.any'), value: any };
  const choiceSet = (key: Exclude<FilterChoice, 'profile'>): object => ({
    type: 'Input.ChoiceSet',
    id: key,
    label: say(`mailbox-list.filter.${key}`),
    value: choiceOf(filter, key) || any,
    choices: [anyChoice, ...choicesOf(key).map((value) => ({ title: say(`mailbox-list.${key}.${value}`), value }))],
  });
  const chosen = choiceOf(filter, 'profile') || any;
  const profiles = Object.entries(profileNames).map(([value, name]) => ({ title: plainText(name, 24), value }));
  return {
    title: say('mailbox-list.filter'),
    body: [
      choiceSet('status'),
      choiceSet('approval'),
      typeaheadInput({
        id: 'profile',
        label: say('mailbox-list.filter.profile'),
        dataset: 'profiles',
        choices: [anyChoice, ...staticChoices(profiles, chosen).slice(0, mostProfiles)],
        value: chosen,
      }),
      choiceSet('type'),
      choiceSet('state'),
      {
        type: 'Input.ChoiceSet',
        id: 'sort',
        label: say('mailbox-list.sort'),
        value: sort,
        choices: mailboxSorts.map((value: MailboxSort) => ({ title: say(`mailbox-list.sort.${value}`), value })),
      },
    ],
    submit: { verb: 'mailboxes.filter', title: say('mailbox-list.apply'), id, revision, style: 'positive' },
  };
}

/** More are found by typing. */
const mostProfiles = 2;

/** What can be done with many. What was ticked since the card was drawn counts as well. */
function selectionMenu({ view: { id, revision }, selected, download }: MailboxTable, say: Say): ButtonMenu {
  const button = (verb: Verb, name: string): Button => ({ verb, title: say(name), id, revision });
  return {
    title: say('mailbox-list.with-selected', { count: selected.length }),
    text: say('mailbox-list.with-selected-text', { count: selected.length }),
    ...(selected.length > 0 && !download ? { style: 'positive' } : {}),
    buttons: [
      button('mailboxes.test', 'button.test-enable'),
      button('mailboxes.edit', 'mailbox-list.edit'),
      button('mailboxes.activate', 'mailbox-list.activate'),
      button('mailboxes.deactivate', 'mailbox-list.deactivate'),
      button('mailboxes.apply-defaults', 'mailbox-list.apply-defaults'),
    ],
  };
}

/** In a list of what waits, for whoever decides. What was ticked since the card was drawn counts as well. */
function decisionButtons(
  { view: { id, revision }, selected }: MailboxTable,
  say: Say,
): [approve: Button, reject: DialogButton] {
  const approve: Button = { verb: 'mailboxes.approve', title: say('button.approve-selected'), id, revision };
  return [
    selected.length > 0 ? { ...approve, style: 'positive' } : approve,
    { opens: 'mailboxes.reject-dialog', title: say('button.reject-selected-open'), id, revision },
  ];
}

function exportButton({ view, selected, download }: MailboxTable, say: Say): Button | LinkButton {
  if (download) return { title: say('mailbox-list.download', { count: download.count }), url: download.url };
  const { id, revision, total } = view;
  const count = selected.length > 0 ? selected.length : total;
  return { verb: 'mailboxes.export', title: say('mailbox-list.export', { count }), id, revision };
}

/** Right below the rows: other pages, and all or nothing. What is ticked goes with each of them. */
function paging(
  { view: { id, revision, total }, rows, selected }: MailboxTable,
  { hasPrevious, hasNext }: { readonly hasPrevious: boolean; readonly hasNext: boolean },
  selects: boolean,
  context: CardContext,
): CardElement[] {
  const say = speaker(context);
  const actions = cardButtons(context, [
    hasPrevious ? { verb: 'mailboxes.previous', title: say('button.previous'), id, revision } : null,
    hasNext ? { verb: 'mailboxes.next', title: say('button.next'), id, revision } : null,
    selects && rows.length > 0
      ? { verb: 'mailboxes.select-all', title: say('mailbox-list.select-all', { count: total }), id, revision }
      : null,
    selects && selected.length > 0
      ? { verb: 'mailboxes.clear', title: say('mailbox-list.clear'), id, revision, inputs: 'none' }
      : null,
  ]);
  return actions.length === 0 ? [] : [{ type: 'ActionSet', actions }];
}

/**
 * `tick`: the box of the row; null where its reader could do nothing with a selection. `profileNames` null: the filter says
 * whose mailboxes they all are.
 */
function row(
  mailbox: Mailbox,
  tick: { readonly index: number; readonly isTicked: boolean } | null,
  profileNames: Readonly<Record<string, string>> | null,
  longestTitle: number,
  say: Say,
): object {
  const address = plainText(mailbox.address, 72);
  const type = say(`type.${mailbox.type}`);
  const kind = [
    profileNames === null ? type : say('mailboxes.kind', { type, profile: profileOf(mailbox, profileNames, say) }),
    ...(mailbox.state === 'inactive' ? [say('mailbox-list.inactive')] : []),
  ].join(' · ');
  const open = executeAction({
    verb: 'mailbox.show',
    title: say('mailboxes.open', { address: plainText(mailbox.address, longestTitle) }),
    id: mailbox.id,
    revision: mailbox.revision,
    inputs: 'none',
  });
  const states = {
    type: 'ColumnSet',
    spacing: 'None',
    columns: [approvalWord(say, mailbox.approval), ...directions.map((one) => directionWord(say, mailbox, one))].map(
      ({ text, color }) => ({
        type: 'Column',
        width: 'stretch',
        items: [{ type: 'TextBlock', text, wrap: true, size: 'Small', ...(color === 'Default' ? {} : { color }) }],
      }),
    ),
  };
  const container = { type: 'Container', separator: true };
  if (tick !== null)
    return {
      ...container,
      // A box inside of what opens the mailbox could not be ticked without opening it.
      items: [
        {
          type: 'Input.Toggle',
          id: tickInput(tick.index),
          label: address,
          title: kind,
          value: String(tick.isTicked),
          wrap: true,
        },
        { ...states, selectAction: open },
      ],
    };
  const line = { type: 'TextBlock', wrap: true, size: 'Small' };
  return {
    ...container,
    selectAction: open,
    items: [
      { ...line, text: address, weight: 'Bolder' },
      { ...line, text: kind, isSubtle: true, spacing: 'None' },
      states,
    ],
  };
}

function profileOf({ profileId }: Mailbox, names: Readonly<Record<string, string>>, say: Say): string {
  const name = profileId === null ? undefined : names[profileId];
  return name === undefined ? say('profile.none') : plainText(name, 24);
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
