import { isLive, type ApprovalRequest } from '../services/model/approval-request.ts';
import { approvalStatus, type Mailbox } from '../services/model/mailbox.ts';
import { askedFacts } from './approval-facts.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { approvalWord } from './status-words.ts';
import template from './templates/own-mailbox.json' with { type: 'json' };

export interface OwnMailbox {
  /** The mailbox of whoever reads the card; null: it is theirs no more, or there is none of that address any more. */
  readonly mailbox: Mailbox | null;
  /** Who asked for the approval; null: nobody does any more. Of one that has expired no card decides. */
  readonly request: ApprovalRequest | null;
  /** The switch is on, and four-eyes does not hold its owner back. */
  readonly mayApprove: boolean;
}

/** Tells somebody that their own mailbox waits for its approval, which they may give themselves, and then what became of it. */
export function ownMailboxCard({ mailbox, request, mayApprove }: OwnMailbox, context: CardContext): CardView {
  const say = speaker(context);
  const isPending = mailbox?.approval === approvalStatus.pending;
  const isAsked = request !== null && isLive(request);
  const part = mailbox === null || (isPending && !isAsked) ? 'over' : partOf(mailbox, mayApprove);
  const address = mailbox === null ? '' : plainText(mailbox.address);
  const decided = mailbox?.decidedAt ?? null;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('own-mailbox.title'),
        mailbox === null ? { text: say('own-mailbox.over'), color: 'Default' } : approvalWord(say, mailbox.approval),
      ),
      facts:
        mailbox === null
          ? []
          : cardFacts([
              [say('own-mailbox.address'), address],
              ...(isPending && request !== null ? askedFacts(request, say) : []),
              ...(isPending || decided === null
                ? []
                : ([
                    [say('own-mailbox.decided-by'), personName(say, mailbox.decidedBy)],
                    [say('own-mailbox.decided-at'), localTime(decided)],
                    [
                      say('fact.reason'),
                      mailbox.decisionReason === null ? null : plainText(mailbox.decisionReason, 500),
                    ],
                  ] as const)),
            ]),
      next: nextStep(context, say(`own-mailbox.${part}-next`)),
      actions:
        mailbox !== null && part === 'open'
          ? cardButtons(context, [
              {
                verb: 'own-mailbox.approve',
                title: say('button.approve'),
                id: mailbox.id,
                revision: mailbox.revision,
                style: 'positive',
              },
            ])
          : [],
    },
    say(`own-mailbox.${part}-summary`, { address }),
    context,
  );
}

function partOf({ approval }: Mailbox, mayApprove: boolean): 'open' | 'others' | 'approved' | 'rejected' | 'over' {
  switch (approval) {
    case approvalStatus.pending:
      return mayApprove ? 'open' : 'others';
    case approvalStatus.approved:
      return 'approved';
    case approvalStatus.rejected:
      return 'rejected';
    case approvalStatus.empty:
      return 'over';
  }
}
