import type { DraftRules } from '../model/draft-reducer.ts';
import type { ServiceContext } from '../service-context.ts';

/** What judges addresses as they are typed. */
export type AddressRules = Pick<ServiceContext, 'checkServerLocation' | 'checkVaultUrl'>;

/** Rules for answers that bring no values to judge: those of the form, the search, the check and the save. */
export function rulesWithoutValues({ checkServerLocation, checkVaultUrl }: AddressRules): DraftRules {
  return { checkServerLocation, checkVaultUrl, nameTaken: () => false, ntlmAllowed: true };
}
