import { faultText } from '../locales/fault-text.ts';
import { serverOfCause, type Incident } from '../services/model/alert.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
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
  const { id, revision, open, level, resolvedAt, firstAt } = incident;
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
      cause: [...remark(text.cause), ...remark(retriedText(incident, isOutage, isRefused, say), 'Warning')],
      facts: cardFacts([
        [say('fact.since'), localTime(firstAt)],
        [say('fact.last-seen'), incident.lastAt > firstAt ? localTime(incident.lastAt) : null],
        [say('fact.code'), plainText(incident.fault.raw ?? incident.code, 60)],
      ]),
      next: nextStep(context, text.nextStep),
      actions: isOutage
        ? []
        : cardButtons(context, [
            refusedSecret !== null
              ? {
                  verb: 'profile.edit',
                  title: say('button.enter-new-secret', { kind: refusedSecret }),
                  id: incident.profileId,
                  revision: 0,
                  style: 'positive',
                }
              : {
                  verb: 'incident.retest',
                  title: say('button.retest-these', { count: open }),
                  id,
                  revision,
                  style: 'positive',
                },
            // Whoever waits has no fault to be found by.
            refusedSecret === null
              ? { verb: 'incident.mailboxes', title: say('button.see-all', { count: open }), id, revision }
              : { verb: 'profile.mailboxes', title: say('button.mailboxes'), id: incident.profileId, revision: 0 },
          ]),
    },
    say('incident.summary', { level: say(`level-word.${level}`), title: text.title, profile, count: open }),
    context,
  );
}

function retriedText({ level, waiting }: Incident, isOutage: boolean, isRefused: boolean, say: Say): string | null {
  if (isRefused) return waiting > 0 ? say('incident.refused') : null;
  if (isOutage) return say('incident.outage');
  return level === 'warning' ? say('incident.retried') : null;
}
