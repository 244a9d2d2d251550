import type { EmailSettings } from './environment.ts';
import type { SettingsSection } from './settings-section.ts';

/** A change of the email settings that was typed and checked, and whose effect is shown before it is saved. */
export interface SettingsDraft {
  readonly environmentId: string;
  readonly id: string;
  /** Who typed it; nobody else can save it. */
  readonly actorId: string;
  /** The page it was typed on: where `back` leads. */
  readonly section: SettingsSection;
  /** On the page of the approvers: the set that was new or edited, to which `back` leads; absent: one was deleted. */
  readonly approverSetId?: string;
  /** The settings as they would be. */
  readonly settings: EmailSettings;
  /** Revision of the environment that it was made for: after another change it is void. */
  readonly baseRevision: number;
  /** `proposed`: it weakens a control and waits for a second person. `left`: its author went back. */
  readonly state: 'asked' | 'saved' | 'proposed' | 'left' | 'void';
  readonly createdAt: number;
  readonly revision: number;
}
