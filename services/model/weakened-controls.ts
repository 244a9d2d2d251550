import { changedSets } from './approver-set.ts';
import { fileTypesMissing } from './blocked-attachments.ts';
import type { EmailSettings } from './environment.ts';

/**
 * Settings that hold somebody back, or would tell somebody: nobody weakens one alone (DESIGN, law 10).
 * - an approval requirement: mailboxes would send and receive without an approval;
 * - four-eyes: somebody could approve what they have asked for themselves;
 * - alerts for errors: mail could stop, or a sign-in be refused, without anybody being told. Warnings and information are no
 *   control: what they are about becomes an error, or is good news, and one platform page has warnings off from the start;
 * - the list of blocked file types, when a type leaves it: mail could carry what it could not before;
 * - server-side synchronization, when the Email Router takes its place: nothing is tested or checked then, so that mail could
 *   stop without anybody being told, as without alerts for errors.
 * - who approves: naming the approvers of some mailboxes takes them from all others, and self-approval lets people decide who
 *   have no role.
 * The switch for NTLM is none: NTLM sends no password, and Basic, which sends it, is allowed without the switch.
 */
export const controls = [
  'requireApprovalForUsers',
  'requireApprovalForQueues',
  'fourEyes',
  'selfApproval',
  'approverSets',
  'alertsForErrors',
  'blockedAttachments',
  'emailConnectionChannel',
] as const satisfies readonly (keyof EmailSettings)[];

export type Control = (typeof controls)[number];

/** The controls that a change of settings would weaken. */
export function weakenedControls(before: EmailSettings, after: EmailSettings): Control[] {
  return controls.filter((control) => {
    if (control === 'blockedAttachments')
      return fileTypesMissing(before.blockedAttachments, after.blockedAttachments).length > 0;
    if (control === 'emailConnectionChannel') return before[control] === 0 && after[control] === 1;
    if (control === 'selfApproval') return !before[control] && after[control];
    if (control === 'approverSets') return changedSets(before[control], after[control]).length > 0;
    return before[control] && !after[control];
  });
}
