import type { DraftStep, ProfileDraft } from '../services/model/draft.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import type { CertificateFacts } from '../services/model/secret-request.ts';
import type { CardContext, CardView } from './card-context.ts';
import { draftAdvancedCard } from './draft-advanced-card.ts';
import { draftCheckingCard } from './draft-checking-card.ts';
import { draftCredentialCard } from './draft-credential-card.ts';
import { draftDetailsCard } from './draft-details-card.ts';
import { draftEndCard } from './draft-end-card.ts';
import { draftFindingCard } from './draft-finding-card.ts';
import { draftModernAuthCard } from './draft-modern-auth-card.ts';
import { draftReviewCard } from './draft-review-card.ts';

export interface DraftCardContext extends CardContext {
  /** Address of the open one-time form, or null when there is none. */
  readonly formUrl: string | null;
  /** True in the 1:1 chat: the only place that ever shows the form's address. */
  readonly personal: boolean;
  /** Of the certificate that was handed in; null for any other secret. */
  readonly certificate: CertificateFacts | null;
  /** At the review of a change: other profiles with the same server and account, whose secret would change as well. */
  readonly sameAccount?: readonly Pick<EmailServerProfile, 'id' | 'name'>[];
  /** After a change was saved, of the profile: mailboxes whose test failed, and those that are checked. */
  readonly mailboxes?: { readonly failed: number; readonly checked: number };
}

const faces: Readonly<Record<DraftStep, (draft: ProfileDraft, context: DraftCardContext) => CardView>> = {
  details: draftDetailsCard,
  'modern-auth': draftModernAuthCard,
  credential: draftCredentialCard,
  finding: draftFindingCard,
  checking: draftCheckingCard,
  review: draftReviewCard,
  advanced: draftAdvancedCard,
  saved: draftEndCard,
  cancelled: draftEndCard,
};

/** The guided creation of a profile: one card, whose face follows the draft's step. */
export function draftCard(draft: ProfileDraft, context: DraftCardContext): CardView {
  return faces[draft.step](draft, context);
}
