import { faultText } from '../locales/fault-text.ts';
import { isCritical, serverOfCause, type Incident } from '../services/model/alert.ts';
import type { Quiet } from '../services/model/incident-handling.ts';
import { cardButtons, type ButtonMenu, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
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
}

/**
 * One cause on one profile, or a server that is out of reach, however many mailboxes it hits: what it is, why, and what to
 * do. Of an outage nothing can be tested again, nor with a refused password: whoever asked would have the same answer.
 */
export function incidentCard(
  incident: Incident,
  context: CardContext,
  { refusedSecret }: IncidentDetails = { refusedSecret: null },
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
        hits: say(serverOfCause(incident.causeId) !== null ? 'incident.outage-over' : 'incident.resolved-text', {
          duration,
        }),
        sample: [],
        cause: [],
        facts: cardFacts([
          [say('fact.since'), localTime(firstAt)],
          [say('fact.until'), localTime(resolvedAt ?? incident.lastAt)],
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
      hits: say(isOutage ? 'incident.waiting' : isRefused ? 'incident.waiting-secret' : 'incident.hits', {
        count: open,
      }),
      sample: sampleLines(say, incident.sample, open),
      cause: [
        ...remark(text.cause),
        ...remark(retriedText(incident, isOutage, isRefused, say), 'Warning'),
        ...remark(askedText(incident, say), 'Warning'),
      ],
      facts: cardFacts([
        [say('fact.since'), localTime(firstAt)],
        [say('fact.last-seen'), incident.lastAt > firstAt ? localTime(incident.lastAt) : null],
        [say('fact.code'), plainText(incident.fault.raw ?? incident.code, 60)],
        ...handlingFacts(incident, say),
      ]),
      next: nextStep(context, text.nextStep),
      actions: cardButtons(context, [
        ...(isOutage ? [] : testButtons(incident, refusedSecret, say)),
        ...handlingButtons(incident, say),
      ]),
    },
    say('incident.summary', { level: say(`level-word.${level}`), title: text.title, profile, count: open }),
    context,
  );
}

/** What leads to the end of it. Whoever waits for a password has no fault to be found by. */
function testButtons(
  { id, revision, open, profileId }: Incident,
  refusedSecret: SecretKind | null,
  say: Say,
): Button[] {
  if (refusedSecret !== null)
    return [
      {
        verb: 'profile.edit',
        title: say('button.enter-new-secret', { kind: refusedSecret }),
        id: profileId,
        revision: 0,
        style: 'positive',
      },
      { verb: 'profile.mailboxes', title: say('button.mailboxes'), id: profileId, revision: 0 },
    ];
  const title = say('button.retest-these', { count: open });
  return [
    { verb: 'incident.retest', title, id, revision, style: 'positive' },
    { verb: 'incident.mailboxes', title: say('button.see-all', { count: open }), id, revision },
  ];
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
