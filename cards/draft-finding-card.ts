import type { CardElement } from '@microsoft/teams.cards';
import { faultText } from '../locales/fault-text.ts';
import type { Discovery, FoundServer } from '../services/model/discovery.ts';
import type { ProfileDraft } from '../services/model/draft.ts';
import { hostOf } from '../services/model/secret-target.ts';
import { cardButtons, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { discoveryTrace } from './discovery-trace.ts';
import { domainOf, foundBy } from './discovery-words.ts';
import { draftFault } from './draft-checks.ts';
import { draftPlace } from './draft-progress.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { wholeHost } from './server-host.ts';
import template from './templates/draft-finding.json' with { type: 'json' };

/** What differs between the states of a search. */
interface Face {
  readonly color: StateWord['color'];
  readonly body: readonly CardElement[];
  readonly buttons: readonly Button[];
  readonly summary: string;
}

/** The search by Autodiscover: under way, a question about a host, a proposal, or why nothing was found. */
export function draftFindingCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, values, discovery } = draft;
  const state = discovery?.state ?? 'searching';
  const { color, body, buttons, summary } = faceOf(draft, discovery, context);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say(`finding.${state}.title`),
        { text: say(`finding.${state}.state`), color },
        draftPlace(say, draft),
      ),
      intro: say(`finding.${state}.intro`, {
        address: plainText(values.probeAddress),
        domain: domainOf(values.probeAddress),
        account: plainText(values.userName),
        host: wholeHost(discovery?.askedHost ?? ''),
        inside: isWithin(discovery?.askedHost ?? '', values.probeAddress),
      }),
      body,
      steps: discoveryTrace(context, discovery?.trace ?? []),
      next: nextStep(context, say(`finding.${state}.next`)),
      actions: cardButtons(context, [
        ...buttons,
        { verb: 'profile.back', title: say('button.change-details'), id, revision },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision },
      ]),
    },
    summary,
    context,
  );
}

function faceOf(draft: ProfileDraft, discovery: Discovery | null, context: CardContext): Face {
  const say = speaker(context);
  const { id, revision, values } = draft;
  const again: Button = { verb: 'profile.search-again', title: say('button.search-again'), id, revision };
  switch (discovery?.state) {
    case 'confirm-host':
      return {
        color: 'Warning',
        body: remark(say('finding.confirm-host.outcome')),
        buttons: [
          { verb: 'profile.confirm-host', title: say('button.confirm-host'), id, revision },
          { verb: 'profile.decline-host', title: say('button.decline-host'), id, revision },
        ],
        summary: say('finding.confirm-host.summary', { host: wholeHost(discovery.askedHost ?? '') }),
      };
    case 'found':
      return {
        color: 'Good',
        body: discovery.found === null ? [] : foundBody(discovery.found, draft, context),
        buttons: [
          { verb: 'profile.use-server', title: say('button.use-server'), id, revision, style: 'positive' },
          again,
        ],
        summary: say('finding.found.summary', { host: wholeHost(hostOf(discovery.found?.serverLocation ?? '')) }),
      };
    case 'failed':
      return {
        color: 'Attention',
        body: draftFault(draft, context),
        buttons: [{ ...again, style: 'positive' }],
        summary: say('finding.failed.summary', {
          title: discovery.fault === null ? '' : faultText(context.locale, discovery.fault).title,
        }),
      };
    case 'searching':
    case undefined:
      return {
        color: 'Accent',
        body: [],
        buttons: [],
        summary: say('finding.searching.summary', { domain: domainOf(values.probeAddress) }),
      };
  }
}

function foundBody(found: FoundServer, { values }: ProfileDraft, context: CardContext): CardElement[] {
  const say = speaker(context);
  const host = hostOf(found.serverLocation);
  return [
    ...cardFacts([
      [say('fact.server-location'), plainText(found.serverLocation, 400)],
      [say('fact.found-by'), foundBy(say, found)],
    ]),
    ...remark(say('finding.found.only-host', { host: wholeHost(host) })),
    ...remark(
      isWithin(host, values.probeAddress)
        ? null
        : say('finding.found.elsewhere', { domain: domainOf(values.probeAddress) }),
      'Warning',
    ),
  ];
}

/** True for a host of the mailbox's own domain: everywhere else the reader has to know whose it is. */
function isWithin(host: string, address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const name = host.replace(/:\d+$/, '');
  return name === domain || name.endsWith(`.${domain}`);
}
