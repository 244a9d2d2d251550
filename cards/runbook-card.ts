import type { CardElement } from '@microsoft/teams.cards';
import { faultText } from '../locales/fault-text.ts';
import type { Incident } from '../services/model/alert.ts';
import { faultCatalogue, type FaultCode } from '../services/model/fault-catalogue.ts';
import {
  procedureOf,
  procedures,
  runbookLimits,
  type NoteProblem,
  type Procedure,
  type RunbookNote,
} from '../services/model/runbook.ts';
import { cardButtons, commandButton, type ButtonWithInputs } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/runbook.json' with { type: 'json' };

export interface RunbookPage {
  readonly code: FaultCode;
  readonly note: RunbookNote | null;
  readonly occurred: number;
  readonly open: number;
  /** The last that ended, newest first. */
  readonly ended: readonly Incident[];
  /** What was typed and not kept, with the reason; the note of before stays. */
  readonly typed?: { readonly text: string; readonly link: string; readonly problem: NoteProblem | 'stale' };
}

/** One fault: why, what to look at step by step, whom to ask, how it ended the last times, and what the organization knows of it. */
export function runbookCard(page: RunbookPage, context: CardContext): CardView {
  const say = speaker(context);
  const { code, occurred, open, ended, typed } = page;
  const { title, cause, nextStep: first } = faultText(context.locale, { code, params: {} });
  const name = procedureOf(code);
  const procedure: Procedure = procedures[name];
  const { nature, scope } = faultCatalogue[code];
  const steps = [
    first,
    ...Array.from({ length: procedure.steps }, (_, index) => say(`runbook.step.${name}.${index + 1}`)),
  ];
  const [last] = ended;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('runbook.title', { title }),
        open > 0
          ? { text: say('runbook.open', { count: open }), color: 'Attention' }
          : { text: say('runbook.quiet'), color: 'Good' },
        say('runbook.model', { code, nature, scope }),
      ),
      problem: remark(
        typed === undefined
          ? null
          : say('field-error', { text: say(`runbook.problem.${typed.problem}`, runbookLimits) }),
        'Attention',
      ),
      cause: [heading(say('runbook.cause')), line(cause)],
      steps: [heading(say('runbook.steps')), ...steps.map((text, index) => line(`${index + 1}. ${text}`))],
      facts: cardFacts([
        [say('runbook.fact.ask'), say(`runbook.ask.${procedure.ask}`)],
        [say('runbook.fact.occurred'), say('runbook.occurred', { count: occurred })],
        [say('runbook.fact.ended'), last === undefined ? null : localTime(last.resolvedAt ?? last.lastAt)],
      ]),
      past:
        ended.length === 0
          ? []
          : [heading(say('runbook.past')), ...ended.map((incident) => line(pastText(incident, context), 'Small'))],
      note: noteOf(page, say),
      next: nextStep(context, say(open > 0 ? 'runbook.next' : 'runbook.quiet-next')),
      actions: cardButtons(context, [
        procedure.page === null ? null : { title: say('button.microsoft-page'), url: procedure.page },
        commandButton(say('button.alerts-of-code'), `alerts all code:${code}`),
        noteForm(page, say),
      ]),
    },
    say('runbook.summary', { title }),
    context,
  );
}

const heading = (text: string): CardElement => ({ type: 'TextBlock', text, weight: 'Bolder', wrap: true });
const line = (text: string, size: 'Default' | 'Small' = 'Default'): CardElement => ({
  type: 'TextBlock',
  text,
  size,
  spacing: 'Small',
  wrap: true,
});

/** How one of them ended: how wide it was, how long it lasted, and what it was well again by. */
function pastText(
  { id, profileName, firstAt, resolvedAt, lastAt, peak, ending }: Incident,
  context: CardContext,
): string {
  const say = speaker(context);
  const end = resolvedAt ?? lastAt;
  return say('runbook.past-line', {
    time: localTime(end),
    id: plainText(id, 40),
    profile: plainText(profileName, 60),
    count: peak,
    duration: timeBetween(context, firstAt, end),
    ending: say(`incident.ended-${ending?.by ?? 'unknown'}`, { run: ending?.runId ?? 'none' }),
  });
}

/** Lines of a note that are shown; a text has at most a thousand characters. */
const mostLines = 12;

function noteOf({ note }: RunbookPage, say: Say): CardElement[] {
  if (note === null || (note.text === '' && note.link === null)) return [];
  const lines = note.text.split('\n').filter((text) => text.trim() !== '');
  const shown =
    lines.length > mostLines ? [...lines.slice(0, mostLines - 1), lines.slice(mostLines - 1).join(' ')] : lines;
  return [
    {
      type: 'Container',
      style: 'accent',
      items: [
        heading(say('runbook.note')),
        ...shown.map((text) => line(plainText(text, runbookLimits.text))),
        {
          type: 'TextBlock',
          text: say('incident.by', { name: personName(say, note.byName), date: localTime(note.at) }),
          isSubtle: true,
          size: 'Small',
          wrap: true,
        },
        ...(note.link === null ? [] : [linkButton(note.link, say)]),
      ],
    },
  ];
}

/** Its title is where it leads: nobody follows a link that says something else. */
function linkButton(link: string, say: Say): CardElement {
  const title = say('button.open-link', { host: plainText(new URL(link).host, 60) });
  return { type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title, url: link }] };
}

function noteForm({ code, note, typed }: RunbookPage, say: Say): ButtonWithInputs {
  const { text, link } = typed ?? { text: note?.text ?? '', link: note?.link ?? '' };
  return {
    title: say('button.edit-note'),
    body: [
      { type: 'TextBlock', text: say('runbook.note-hint'), wrap: true },
      {
        type: 'Input.Text',
        id: 'text',
        label: say('runbook.note-text'),
        isMultiline: true,
        maxLength: runbookLimits.text,
        value: text,
      },
      {
        type: 'Input.Text',
        id: 'link',
        label: say('runbook.note-link'),
        placeholder: 'https://',
        style: 'Url',
        maxLength: runbookLimits.link,
        value: link,
      },
    ],
    submit: {
      verb: 'runbook.save',
      title: say('button.save'),
      id: code,
      revision: note?.revision ?? 0,
      style: 'positive',
    },
  };
}
