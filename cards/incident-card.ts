import { faultText } from '../locales/fault-text.ts';
import { isCritical, profileOfAlarm, serverOfCause, type Incident } from '../services/model/alert.ts';
import type { IncidentReach } from '../services/model/owner-alert.ts';
import type { Quiet } from '../services/model/incident-handling.ts';
import type { CardElement } from '@microsoft/teams.cards';
import { quoted } from '../services/model/filter-words.ts';
import { cardButtons, commandButton, type ButtonMenu, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { ownerReachLines } from './owner-reach-lines.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import type { SecretKind } from './secret-kind.ts';
import { levelWord } from './status-words.ts';
import template from './templates/incident.json' with { type: 'json' };

export interface IncidentDetails {
  /** Exchange refused the stored secret of the profile, which is of this kind; null: it did not. */
  readonly refusedSecret: SecretKind | null;
  /** Whom it reaches among the owners of mailboxes and profiles. */
  readonly reach?: IncidentReach;
}

/**
 * One cause on one profile, or a server that is out of reach, however many mailboxes it hits: what it is, why, and what to
 * do. Of an outage nothing can be tested again, nor with a refused password: whoever asked would have the same answer.
 */
export function incidentCard(
  incident: Incident,
  context: CardContext,
  { refusedSecret, reach }: IncidentDetails = { refusedSecret: null },
): CardView {
  const say = speaker(context);
  const { open, level, resolvedAt, firstAt } = incident;
  const profile = plainText(incident.profileName);
  const params = { ...incident.fault.params, profile: incident.profileName };
  const text = faultText(context.locale, { ...incident.fault, params }, open > 1 ? 'example' : 'one');
  const subtitle = say('incident.subtitle', { profile });
  const isRefused = refusedSecret !== null;
  const isOutage = incident.waiting > 0 && !isRefused;
  if (incident.state === 'resolved') {
    const duration = timeBetween(context, firstAt, resolvedAt ?? incident.lastAt);
    return renderTemplate(
      template,
      {
        header: cardHeader(text.title, { text: say('incident.resolved'), color: 'Good' }, subtitle),
        hits: say(overKey(incident), { duration }),
        sample: [],
        cause: [],
        facts: cardFacts([
          [say('fact.since'), localTime(firstAt)],
          [say('fact.until'), localTime(resolvedAt ?? incident.lastAt)],
          [say('fact.peak'), incident.peak === 0 ? null : say('alerts.hits', { count: incident.peak })],
          [say('fact.ended-by'), incident.ending === null ? null : endingText(incident, say)],
          ...handlingFacts(incident, say),
        ]),
        next: nextStep(context, say('incident.resolved-next')),
        actions: [],
      },
      say('incident.resolved-summary', { title: text.title, profile, duration }),
      context,
    );
  }
  return renderTemplate(
    template,
    {
      header: cardHeader(text.title, levelWord(say, level), subtitle),
      hits: say(hitsKey(incident, isOutage, isRefused), { count: open }),
      sample: [...sampleLines(say, incident.sample, open), ...mailboxButtons(incident, context)],
      cause: [
        ...remark(text.cause),
        ...remark(retriedText(incident, isOutage, isRefused, say), 'Warning'),
        ...remark(askedText(incident, say), 'Warning'),
        ...(reach === undefined ? [] : ownerReachLines(reach, context)),
      ],
      facts: cardFacts([
        [say('fact.since'), localTime(firstAt)],
        [say('fact.last-seen'), incident.lastAt > firstAt ? localTime(incident.lastAt) : null],
        [say('fact.code'), plainText(incident.fault.raw ?? incident.code, 60)],
        [say('fact.kind'), say('incident.kind', { nature: incident.nature, scope: incident.scope })],
        ...handlingFacts(incident, say),
      ]),
      next: nextStep(context, text.nextStep),
      actions: cardButtons(context, [
        isOutage ? null : likelyButton(incident, refusedSecret, say),
        ...handlingButtons(incident, say),
        { verb: 'runbook.show', title: say('button.runbook'), id: incident.code, revision: 0 },
      ]),
    },
    say('incident.summary', { level: say(`level-word.${level}`), title: text.title, profile, count: open }),
    context,
  );
}

function overKey({ causeId }: Incident): string {
  if (profileOfAlarm(causeId) !== null) return 'incident.alarm-over';
  return serverOfCause(causeId) !== null ? 'incident.outage-over' : 'incident.resolved-text';
}

function hitsKey({ causeId }: Incident, isOutage: boolean, isRefused: boolean): string {
  if (profileOfAlarm(causeId) !== null) return 'incident.alarm-hits';
  return isOutage ? 'incident.waiting' : isRefused ? 'incident.waiting-secret' : 'incident.hits';
}

const endingText = ({ ending }: Incident, say: Say): string =>
  say(`incident.ended-${ending?.by ?? 'unknown'}`, { run: ending?.runId ?? 'none' });

/** Below the few that are named: all of them, and of an alarm, whose causes come first, also the test of them. */
function mailboxButtons({ id, revision, open, causeId }: Incident, context: CardContext): CardElement[] {
  const say = speaker(context);
  const actions = cardButtons(context, [
    { verb: 'incident.mailboxes', title: say('button.see-all', { count: open }), id, revision },
    profileOfAlarm(causeId) === null
      ? null
      : { verb: 'incident.retest', title: say('button.retest-these', { count: open }), id, revision },
  ]);
  return actions.length === 0 ? [] : [{ type: 'ActionSet', spacing: 'Small', actions }];
}

/** What leads to the end of it: another secret, the causes behind an alarm, or a test of those that it hits. */
function likelyButton(
  { id, revision, open, profileId, causeId }: Incident,
  refusedSecret: SecretKind | null,
  say: Say,
): Button {
  if (refusedSecret !== null)
    return {
      verb: 'profile.edit',
      title: say('button.enter-new-secret', { kind: refusedSecret }),
      id: profileId,
      revision: 0,
      style: 'positive',
    };
  const profile = profileOfAlarm(causeId);
  if (profile !== null) return commandButton(say('button.causes'), `alerts profile:${quoted(profile)}`, 'positive');
  const title = say('button.retest-these', { count: open });
  return { verb: 'incident.retest', title, id, revision, style: 'positive' };
}

/** These carry the revision of what people did: a counter that moves makes no click stale. */
function handlingButtons(incident: Incident, say: Say): (Button | ButtonMenu)[] {
  const { id, handling } = incident;
  const { revision, acknowledged, quiet, muteAsked } = handling;
  const button = (verb: Button['verb'], name: string): Button => ({
    verb,
    title: say(`button.${name}`),
    id,
    revision,
  });
  const take = button('incident.take', 'take-incident');
  const needsSecond = muteAsked !== null && isCritical(incident);
  const silence =
    quiet !== null
      ? [button('incident.wake', 'wake-incident')]
      : [
          button('incident.snooze-hour', 'snooze-hour'),
          button('incident.snooze-hours', 'snooze-hours'),
          button('incident.snooze-tomorrow', 'snooze-tomorrow'),
          button('incident.mute', needsSecond ? 'agree-to-mute' : 'mute-incident'),
        ];
  return [
    acknowledged === null ? button('incident.acknowledge', 'acknowledge') : take,
    {
      title: say('button.handle-incident'),
      text: say('incident.handle-text'),
      buttons: acknowledged === null ? [take, ...silence] : silence,
    },
  ];
}

/** Its id, as people type it, and what they did about it. */
function handlingFacts({ id, state, handling }: Incident, say: Say): [string, string | null][] {
  const { acknowledged, assigned, quiet } = handling;
  const by = (name: string, at: number): string =>
    say('incident.by', { name: personName(say, name), date: localTime(at) });
  const silent = quiet === null || state === 'resolved' ? null : quietText(quiet, say);
  return [
    [say('fact.incident'), plainText(id, 40)],
    [say('fact.acknowledged'), acknowledged === null ? null : by(acknowledged.byName, acknowledged.at)],
    [say('fact.assigned-to'), assigned === null ? null : by(assigned.personName, assigned.at)],
    [say(quiet?.until === null ? 'fact.muted' : 'fact.snoozed'), silent],
  ];
}

function quietText({ until, byName, agreedByName, at }: Quiet, say: Say): string {
  const name = personName(say, byName);
  if (until !== null) return say('incident.snoozed-until', { until: localTime(until), name });
  const date = localTime(at);
  return agreedByName === null
    ? say('incident.by', { name, date })
    : say('incident.muted-by-two', { name, second: personName(say, agreedByName), date });
}

function askedText({ handling: { muteAsked } }: Incident, say: Say): string | null {
  return muteAsked === null ? null : say('incident.mute-asked', { name: personName(say, muteAsked.byName) });
}

function retriedText({ level, waiting }: Incident, isOutage: boolean, isRefused: boolean, say: Say): string | null {
  if (isRefused) return waiting > 0 ? say('incident.refused') : null;
  if (isOutage) return say('incident.outage');
  return level === 'warning' ? say('incident.retried') : null;
}
