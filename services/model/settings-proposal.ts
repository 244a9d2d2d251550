import type { EmailSettings } from './environment.ts';

/**
 * A change of settings that weakens a control (`weakenedControls`): it waits for a second person, or, where there is none, it
 * is done and told to everybody (DESIGN, law 10).
 */
export interface SettingsProposal {
  readonly environmentId: string;
  readonly id: string;
  readonly proposedBy: string;
  readonly proposedByName: string;
  readonly proposedAt: number;
  /** The settings as they were. */
  readonly before: EmailSettings;
  /** The settings as they would be. */
  readonly settings: EmailSettings;
  /** Revision of the environment that the proposal was made for; after another change it is void. */
  readonly baseRevision: number;
  /** Mailboxes that would no longer wait for an approval. */
  readonly affected: number;
  /** `alone`: nobody else was there to ask, so it was done and announced. */
  readonly state: 'waiting' | 'agreed' | 'refused' | 'void' | 'alone';
  readonly decidedByName: string | null;
  readonly decidedAt: number | null;
  readonly revision: number;
}
