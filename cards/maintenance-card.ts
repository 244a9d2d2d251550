import type { TextColor } from '@microsoft/teams.cards';
import { formatMoment } from '../locales/format-time.ts';
import {
  maintenanceExtensions,
  phaseOf,
  type MaintenanceEffect,
  type MaintenancePhase,
  type MaintenanceWindow,
} from '../services/model/maintenance.ts';
import { cardButtons, commandButton, type Button, type ButtonWithInputs } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { hoursOf } from './maintenance-form-card.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/maintenance.json' with { type: 'json' };

export interface MaintenanceDetails {
  readonly effect: MaintenanceEffect;
  /** Other windows of the server that share time with it. */
  readonly overlaps: readonly MaintenanceWindow[];
}

const most = 5;

/** One window: the question before it, the announcement, and how it stands; the same card from its plan to its end. */
export function maintenanceCard(
  window: MaintenanceWindow,
  { effect, overlaps }: MaintenanceDetails,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { closed, startsAt, endsAt, revision } = window;
  const phase = phaseOf(window, context.now);
  const host = plainText(window.host, 80);
  const end = phase === 'ended' && closed !== null ? closed.at : endsAt;
  const word = phaseWord(say, phase);
  const isAhead = phase === 'asked' || phase === 'planned' || phase === 'running';
  const { checks, tests } = effect;
  return renderTemplate(
    template,
    {
      header: cardHeader(say('maintenance.title', { host }), word),
      text: say(`maintenance.text.${phase}`, {
        host,
        checks,
        tests,
        duration: timeBetween(context, startsAt, end),
        profiles: effect.profiles.length,
      }),
      facts: cardFacts([
        [
          say('maintenance.fact.from'),
          phase === 'asked' && window.values.start === 'now' ? say('maintenance.at-yes') : localTime(startsAt),
        ],
        [say('fact.until'), localTime(end)],
        [say('maintenance.fact.as-typed'), phase === 'asked' ? typedText(window, context.locale, say) : null],
        [say('maintenance.fact.length'), phase === 'cancelled' ? null : timeBetween(context, startsAt, end)],
        [say('maintenance.fact.left'), phase === 'running' ? timeBetween(context, context.now, endsAt) : null],
        [say('fact.reason'), plainText(window.reason, 300)],
        [say('maintenance.fact.profiles'), profilesText(effect, say)],
        [
          say('maintenance.fact.by'),
          phase === 'asked'
            ? null
            : say('maintenance.by', {
                who: personName(say, window.plannedByName),
                date: localTime(window.plannedAt),
              }),
        ],
        [
          say('maintenance.fact.closed'),
          closed === null
            ? null
            : say('maintenance.by', { who: personName(say, closed.byName), date: localTime(closed.at) }),
        ],
      ]),
      notes: [
        ...remark(
          isAhead && effect.profiles.length > 1 ? say('maintenance.shared', { count: effect.profiles.length }) : null,
        ),
        ...remark(
          isAhead && overlaps[0] !== undefined
            ? say('maintenance.overlap', {
                count: overlaps.length,
                from: localTime(overlaps[0].startsAt),
                until: localTime(overlaps[0].endsAt),
              })
            : null,
          'Warning',
        ),
      ],
      next: nextStep(context, say(`maintenance.next.${phase}`)),
      actions: cardButtons(context, buttons(window, phase, revision, say)),
    },
    say('maintenance.summary', { host, state: word.text }),
    context,
  );
}

/** What the question's reader can hold against the clock on the wall; the other times are written by each reader's client. */
function typedText({ values, timeZone, startsAt, endsAt }: MaintenanceWindow, locale: string, say: Say): string {
  return say('maintenance.as-typed', {
    start: values.start,
    from: formatMoment(locale, startsAt, timeZone),
    until: formatMoment(locale, endsAt, timeZone),
    zone: plainText(timeZone ?? 'UTC', 64),
    known: timeZone !== null,
  });
}

function profilesText({ profiles }: MaintenanceEffect, say: Say): string {
  if (profiles.length === 0) return say('maintenance.no-profile');
  const shown = profiles
    .slice(0, most)
    .map(({ name, state, mailboxes }) =>
      say('maintenance.profile', { name: plainText(name, 60), state, count: mailboxes }),
    );
  const left = profiles.length - shown.length;
  return [...shown, ...(left > 0 ? [say('more', { count: left })] : [])].join(', ');
}

function buttons(
  { id, profileId }: MaintenanceWindow,
  phase: MaintenancePhase,
  revision: number,
  say: Say,
): (Button | ButtonWithInputs | null)[] {
  const extend: ButtonWithInputs = {
    title: say('button.extend-maintenance'),
    body: [
      {
        type: 'Input.ChoiceSet',
        id: 'minutes',
        label: say('maintenance.extend-by'),
        style: 'compact',
        value: maintenanceExtensions[1],
        choices: maintenanceExtensions.map((value) => ({
          title: say('maintenance.length.minutes', hoursOf(value)),
          value,
        })),
      },
    ],
    submit: { verb: 'maintenance.extend', title: say('button.extend'), id, revision, style: 'positive' },
  };
  switch (phase) {
    case 'asked':
      return [
        { verb: 'maintenance.announce', title: say('button.announce'), id, revision, style: 'positive' },
        { verb: 'maintenance.change', title: say('button.back'), id, revision },
        { verb: 'profile.show', title: say('button.cancel'), id: profileId, revision: 0 },
      ];
    case 'planned':
      return [
        extend,
        { verb: 'maintenance.close', title: say('button.cancel-maintenance'), id, revision, style: 'destructive' },
      ];
    case 'running':
      return [{ verb: 'maintenance.close', title: say('button.end-maintenance'), id, revision }, extend];
    case 'over':
    case 'ended':
    case 'cancelled':
      return [commandButton(say('button.status'), 'status')];
  }
}

/** How a window stands, as a word. */
export function phaseWord(say: Say, phase: MaintenancePhase): StateWord {
  const colors: Readonly<Record<MaintenancePhase, TextColor>> = {
    asked: 'Warning',
    planned: 'Accent',
    running: 'Warning',
    over: 'Good',
    ended: 'Good',
    cancelled: 'Default',
  };
  return { text: say(`maintenance.phase.${phase}`), color: colors[phase] };
}

/** After the yes, in place of the question: the card that lives comes below. */
export function maintenanceAnnouncedCard(window: MaintenanceWindow, context: CardContext): CardView {
  const say = speaker(context);
  const host = plainText(window.host, 80);
  const text = say('maintenance.announced', {
    from: localTime(window.startsAt),
    until: localTime(window.endsAt),
  });
  return renderTemplate(
    template,
    {
      header: cardHeader(say('maintenance.title', { host }), { text: say('state.done'), color: 'Good' }),
      text,
      facts: [],
      notes: [],
      next: nextStep(context, say('maintenance.announced-next')),
      actions: [],
    },
    say('maintenance.summary', { host, state: say('state.done') }),
    context,
  );
}
