import type { DeadPlace, DeathNotice, RouteNow } from '../services/model/death-notice.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { roleWord } from './role-change-card.ts';
import template from './templates/dead-conversations.json' with { type: 'json' };

const mostNames = 3;

/** Tells admins of conversations that Teams refuses: which, since when and why, what came there, where it goes now, what to do. */
export function deadConversationsCard(notice: DeathNotice, context: CardContext): CardView {
  const say = speaker(context);
  const { places, total, dead } = notice;
  const word = stateWord(say, total, dead);
  const title = say('dead.title', { count: total, name: nameOf(say, places[0]) });
  const left = total - places.length;
  return renderTemplate(
    template,
    {
      header: cardHeader(title, word),
      text: say(dead === 0 ? 'dead.text-over' : 'dead.text', { count: dead === 0 ? total : dead }),
      facts: cardFacts([
        ...places.map((place) => [nameOf(say, place), placeText(say, place)] as const),
        [say('dead.fact.approvals-now'), notice.missesApprovals ? routeText(say, notice.approvalsNow) : null],
        [say('dead.fact.alerts-now'), notice.missesAlerts ? routeText(say, notice.alertsNow) : null],
      ]),
      notes: remark(left > 0 ? say('more', { count: left }) : null),
      next: nextStep(context, nextText(say, notice)),
      actions: cardButtons(context, [
        commandButton(say('button.subscriptions'), 'subscriptions'),
        ...(notice.missesApprovals ? [commandButton(say('button.pending'), 'pending')] : []),
        ...(notice.missesAlerts ? [commandButton(say('button.alerts'), 'alerts')] : []),
      ]),
    },
    say('dead.summary', { title, state: word.text }),
    context,
  );
}

function stateWord(say: Say, total: number, dead: number): StateWord {
  if (dead === 0) return { text: say('dead.state.over'), color: 'Good' };
  return dead === total
    ? { text: say('dead.state.dead'), color: 'Attention' }
    : { text: say('dead.state.some', { dead, total }), color: 'Warning' };
}

/** Teams does not always name a channel. */
function nameOf(say: Say, place: DeadPlace | undefined): string {
  const name = plainText(place?.name ?? '', 60);
  return name === '' ? say('dead.unnamed') : name;
}

/** One line: why and since when, and what came there. */
function placeText(say: Say, { kind, cause, since, alerts, approvals, roles }: DeadPlace): string {
  const what = [
    ...(approvals ? [say('dead.got.approvals')] : []),
    ...(alerts ? [say('dead.got.alerts')] : []),
    ...roles.map((role) => roleWord(say, role)),
  ];
  return [
    cause === null ? say('dead.alive') : say(`dead.cause.${cause}`, { kind }),
    ...(since === null ? [] : [say('dead.since', { date: localTime(since) })]),
    what.length === 0 ? say('dead.got.nothing') : what.join(', '),
  ].join(' · ');
}

function routeText(say: Say, { channels, people }: RouteNow): string {
  if (channels.length === 0) return say('dead.route.people', { count: people });
  const names = channels.slice(0, mostNames).map((name) => plainText(name, 60) || say('dead.unnamed'));
  const left = channels.length - names.length;
  return [...names, ...(left > 0 ? [say('more', { count: left })] : [])].join(', ');
}

/** By what most needs a deed: the cause of the first that is dead. */
function nextText(say: Say, { places, dead, missesAlerts, missesApprovals }: DeathNotice): string {
  const first = places.find(({ cause }) => cause !== null);
  if (dead === 0 || first?.cause == null) return say('dead.next.over');
  const { cause, kind } = first;
  return [
    say(`dead.next.${cause}`, { kind }),
    ...(missesAlerts || missesApprovals
      ? [say('dead.next.elsewhere', { alerts: missesAlerts, approvals: missesApprovals })]
      : []),
    say('dead.next.again'),
  ].join(' ');
}
