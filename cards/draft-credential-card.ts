import type { ProfileDraft } from '../services/model/draft.ts';
import { isSearched, outgoingLocationOf, secretTargetOfDraft } from '../services/model/secret-target.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardView } from './card-context.ts';
import { cardFacts, type FactLine } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { domainOf } from './discovery-words.ts';
import type { DraftCardContext } from './draft-card.ts';
import { draftFault } from './draft-checks.ts';
import { draftPlace, draftProgress } from './draft-progress.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { secretKind, type SecretKind } from './secret-kind.ts';
import { serverHost } from './server-host.ts';
import template from './templates/draft-credential.json' with { type: 'json' };

/**
 * The secret (a password, a certificate, a client secret), which goes into the one-time form and never into chat; then the
 * code that the page shows.
 */
export function draftCredentialCard(draft: ProfileDraft, context: DraftCardContext): CardView {
  const say = speaker(context);
  const { id, revision, credential, values } = draft;
  const kind = secretKind(secretTargetOfDraft(values));
  const isParked = credential === 'parked';
  const refused = credential === 'refused';
  const formUrl = context.personal ? context.formUrl : null;
  const state = isParked
    ? { text: say('draft.parked'), color: 'Warning' as const }
    : refused
      ? { text: say('draft.refused', { kind }), color: 'Attention' as const }
      : { text: draftProgress(say, draft), color: 'Accent' as const };
  const next = isParked
    ? 'parked-next'
    : !context.personal
      ? 'link-elsewhere'
      : formUrl === null
        ? 'no-link'
        : 'form-next';
  const link = say(refused ? 'button.enter-new-secret' : 'button.enter-secret', { kind });
  const isSought = values.authentication !== 'oauth' && isSearched(values);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('draft.secret-title', { kind }),
        state,
        isParked || refused ? draftPlace(say, draft) : say('draft.of-profile', { name: plainText(values.name) }),
      ),
      note: refused ? draftFault(draft, context) : [],
      facts: cardFacts(factsOf(say, draft, kind)),
      remarks: isParked
        ? []
        : [
            ...remark(isSought ? say('draft.goes-to-search', { domain: domainOf(values.probeAddress) }) : null),
            ...remark(say('draft.never-in-chat', { kind })),
            ...remark(say('draft.bound', { kind })),
          ],
      code: isParked ? [codeInput(say)] : [],
      next: nextStep(context, say(`draft.${next}`, { button: link, kind })),
      actions: cardButtons(context, [
        isParked
          ? { verb: 'profile.confirm-code', title: say('button.confirm'), id, revision, style: 'positive' }
          : formUrl === null
            ? null
            : { title: link, url: formUrl },
        { verb: 'profile.new-link', title: say('button.new-link'), id, revision, inputs: 'none' },
        { verb: 'profile.back', title: say('button.back'), id, revision, inputs: 'none' },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    say(isParked ? 'draft.parked-summary' : refused ? 'draft.refused-summary' : 'draft.secret-summary', {
      name: plainText(values.name),
      kind,
    }),
    context,
  );
}

/** Whose secret it is, and where it goes. */
function factsOf(say: Say, { values }: ProfileDraft, kind: SecretKind): FactLine[] {
  if (kind === 'certificate')
    return [
      [say('fact.app'), plainText(values.clientId)],
      [say('fact.tenant'), plainText(values.tenant)],
    ];
  if (kind === 'clientSecret')
    return [
      [say('fact.vault-app'), plainText(values.vaultClientId)],
      [say('fact.vault'), serverHost(values.vaultUrl)],
      [say('fact.app-certificate'), plainText(values.certificateName)],
    ];
  const outgoing = outgoingLocationOf(values);
  return [
    [say('fact.account'), plainText(values.userName)],
    [
      say('fact.server'),
      isSearched(values)
        ? say('draft.server-sought', { domain: domainOf(values.probeAddress) })
        : serverHost(values.serverLocation),
    ],
    [say('fact.outgoing-server'), outgoing === null ? null : serverHost(outgoing)],
  ];
}

function codeInput(say: Say): object {
  return {
    type: 'Input.Text',
    id: 'code',
    label: say('draft.code.label'),
    placeholder: say('draft.code.hint'),
    isRequired: true,
    errorMessage: say('draft.code.missing'),
    regex: '^\\s*[0-9]{4}\\s*$',
    maxLength: 8,
  };
}
