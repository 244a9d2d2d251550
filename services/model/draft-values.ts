import { defaultAdvanced, presentableAdvanced } from './draft-advanced.ts';
import type { DraftField, DraftValues, ProfileDraft } from './draft.ts';
import type { DraftRules } from './draft-reducer.ts';
import { isAddress, normalizeAddress } from './mailbox.ts';
import { isClientId, isResource, isTenant, isVaultObjectName } from './modern-authentication.ts';
import { profileLimits } from './profile.ts';
import { hostOf } from './secret-target.ts';
import { hasUnseenCharacters } from './visible-text.ts';

/** What is wrong with a value, by field: a code for `error.*` in locales. */
export type DraftErrors = ProfileDraft['errors'];

type Inputs = Readonly<Record<string, unknown>>;

/** An empty form. */
export const emptyValues: DraftValues = {
  name: '',
  isDefault: false,
  autodiscover: 'inactive',
  serverLocation: '',
  useSameSettingsForOutgoing: true,
  outgoingServerLocation: '',
  authentication: 'basic',
  access: 'impersonation',
  userName: '',
  probeAddress: '',
  tenant: '',
  clientId: '',
  resource: '',
  certificateSource: 'file',
  vaultUrl: '',
  certificateName: '',
  vaultClientId: '',
  ...defaultAdvanced,
};

/**
 * Takes only the known fields of the first card, as the types they have, and of those only what the choices leave to be
 * asked: nobody judges the others. Anything else in a card's inputs is ignored.
 */
export function readDetails(previous: DraftValues, inputs: Inputs): DraftValues {
  const probeAddress = normalizeAddress(textOf(inputs, 'probeAddress', previous.probeAddress));
  const authentication = oneOf(['basic', 'ntlm', 'oauth'], own(inputs, 'authentication'), previous.authentication);
  const autodiscover = oneOf(['active', 'inactive'], own(inputs, 'autodiscover'), previous.autodiscover);
  const useSameSettingsForOutgoing = toggleOf(
    inputs,
    'useSameSettingsForOutgoing',
    previous.useSameSettingsForOutgoing,
  );
  return {
    ...previous,
    name: textOf(inputs, 'name', previous.name),
    isDefault: toggleOf(inputs, 'isDefault', previous.isDefault),
    autodiscover,
    serverLocation:
      autodiscover === 'inactive'
        ? textOf(inputs, 'serverLocation', previous.serverLocation)
        : foundBefore(previous, probeAddress),
    useSameSettingsForOutgoing,
    outgoingServerLocation: useSameSettingsForOutgoing
      ? ''
      : textOf(inputs, 'outgoingServerLocation', previous.outgoingServerLocation),
    authentication,
    access: oneOf(['impersonation', 'delegate'], own(inputs, 'access'), previous.access),
    userName: authentication === 'oauth' ? previous.userName : textOf(inputs, 'userName', previous.userName),
    probeAddress,
  };
}

/** The same of the second card, for OAuth. */
export function readModernAuth(previous: DraftValues, inputs: Inputs): DraftValues {
  const text = (field: DraftField & keyof TextValues): string => textOf(inputs, field, previous[field]);
  const certificateSource = oneOf(['file', 'key-vault'], own(inputs, 'certificateSource'), previous.certificateSource);
  const app = {
    ...previous,
    tenant: text('tenant'),
    clientId: text('clientId'),
    resource: text('resource'),
    certificateSource,
  };
  if (certificateSource === 'file') return app;
  const [vaultUrl, certificateName, vaultClientId] = [text('vaultUrl'), text('certificateName'), text('vaultClientId')];
  return { ...app, vaultUrl, certificateName, vaultClientId };
}

type TextValues = Omit<
  DraftValues,
  'isDefault' | 'useSameSettingsForOutgoing' | 'moveUndeliveredEmails' | 'sendEmailAlert'
>;

/** What is wrong with the values of the first card. */
export function detailErrors(values: DraftValues, rules: DraftRules): DraftErrors {
  const errors: Partial<Record<DraftField, string>> = {};
  if (values.name === '') errors.name = 'profile.name-missing';
  else if (values.name.length > profileLimits.name) errors.name = 'profile.name-too-long';
  else if (hasUnseenCharacters(values.name)) errors.name = 'profile.name-invalid';
  else if (rules.nameTaken(values.name)) errors.name = 'profile.name-taken';

  if (values.autodiscover === 'inactive') {
    const location =
      values.serverLocation === '' ? 'profile.location-missing' : rules.checkServerLocation(values.serverLocation);
    if (location !== null) errors.serverLocation = location;
  }
  if (!values.useSameSettingsForOutgoing) {
    // The platform's 0x8005E205: an address beside Autodiscover. For outgoing it is asked for, so it is not just left unread.
    if (values.autodiscover === 'active') errors.useSameSettingsForOutgoing = 'profile.outgoing-with-autodiscover';
    else {
      const { outgoingServerLocation: outgoing } = values;
      const problem = outgoing === '' ? 'profile.outgoing-missing' : rules.checkServerLocation(outgoing);
      if (problem !== null) errors.outgoingServerLocation = problem;
    }
  }

  // The platform's 0x8005E23C: Negotiate and NTLM only where the organization allows them.
  if (values.authentication === 'ntlm' && !rules.ntlmAllowed) errors.authentication = 'profile.ntlm-not-allowed';
  if (values.authentication === 'oauth') {
    // The platform offers neither with it: the location is typed, and an app has no mailbox that could be given rights.
    if (values.autodiscover === 'active') errors.autodiscover = 'profile.oauth-no-autodiscover';
    if (values.access === 'delegate') errors.access = 'profile.oauth-needs-impersonation';
  } else if (values.userName === '') errors.userName = 'profile.user-missing';
  else if (values.userName.length > profileLimits.userName) errors.userName = 'profile.user-too-long';
  else if (hasUnseenCharacters(values.userName) || values.userName.includes(':'))
    errors.userName = 'profile.user-invalid';

  if (values.probeAddress === '') errors.probeAddress = 'profile.probe-missing';
  else if (!isAddress(values.probeAddress)) errors.probeAddress = 'profile.probe-invalid';
  return errors;
}

/** What is wrong with the values of the second card. */
export function modernAuthErrors(values: DraftValues, rules: DraftRules): DraftErrors {
  const errors: Partial<Record<DraftField, string>> = {};
  if (values.tenant === '') errors.tenant = 'profile.tenant-missing';
  else if (!isTenant(values.tenant)) errors.tenant = 'profile.tenant-invalid';
  if (values.clientId === '') errors.clientId = 'profile.client-id-missing';
  else if (!isClientId(values.clientId)) errors.clientId = 'profile.client-id-invalid';
  if (values.resource !== '' && !isResource(values.resource)) errors.resource = 'profile.resource-invalid';
  if (values.certificateSource === 'file') return errors;
  const vault = values.vaultUrl === '' ? 'profile.vault-missing' : rules.checkVaultUrl(values.vaultUrl);
  if (vault !== null) errors.vaultUrl = vault;
  if (values.certificateName === '') errors.certificateName = 'profile.certificate-name-missing';
  else if (!isVaultObjectName(values.certificateName)) errors.certificateName = 'profile.certificate-name-invalid';
  if (values.vaultClientId === '') errors.vaultClientId = 'profile.client-id-missing';
  else if (!isClientId(values.vaultClientId)) errors.vaultClientId = 'profile.client-id-invalid';
  return errors;
}

/**
 * What is kept and shown again: it must fit a card, whatever was sent, and a password that was typed into an address is
 * neither kept nor shown (DESIGN, law 3). Right values are kept as they are.
 */
export function presentable(values: DraftValues, errors: DraftErrors): DraftValues {
  const address = (field: 'serverLocation' | 'outgoingServerLocation' | 'vaultUrl' | 'resource'): string =>
    // Beside Autodiscover nobody judged it.
    errors[field] === undefined && (field !== 'outgoingServerLocation' || values.autodiscover === 'inactive')
      ? values[field]
      : values[field].replace(/^(https?:\/*(?!\/))?[^]*@/i, '$1');
  return {
    ...values,
    name: values.name.slice(0, 2 * profileLimits.name),
    serverLocation: address('serverLocation').slice(0, profileLimits.serverLocation),
    outgoingServerLocation: address('outgoingServerLocation').slice(0, profileLimits.serverLocation),
    userName: values.userName.slice(0, 2 * profileLimits.userName),
    probeAddress: values.probeAddress.slice(0, 200),
    tenant: values.tenant.slice(0, 300),
    clientId: values.clientId.slice(0, 100),
    resource: address('resource').slice(0, 1024),
    vaultUrl: address('vaultUrl').slice(0, 300),
    certificateName: values.certificateName.slice(0, 200),
    vaultClientId: values.vaultClientId.slice(0, 100),
    ...presentableAdvanced(values),
  };
}

/** What Autodiscover found stays while it is about the same domain; a typed address is not read beside it. */
function foundBefore(previous: DraftValues, probeAddress: string): string {
  const isSameDomain = domainOf(previous.probeAddress) === domainOf(probeAddress);
  return previous.autodiscover === 'active' && isSameDomain && hostOf(previous.serverLocation) !== ''
    ? previous.serverLocation
    : '';
}

const domainOf = (address: string): string => address.split('@')[1]?.toLowerCase() ?? '';

function own(inputs: Inputs, field: DraftField): unknown {
  return Object.hasOwn(inputs, field) ? inputs[field] : undefined;
}

function toggleOf(inputs: Inputs, field: DraftField, previous: boolean): boolean {
  const value = own(inputs, field);
  return value === undefined ? previous : value === true || value === 'true';
}

function textOf(inputs: Inputs, field: DraftField, previous: string): string {
  const value = own(inputs, field);
  return typeof value === 'string' ? value.trim() : previous;
}

/** A choice of a card; whatever is none of them keeps what was chosen before. */
function oneOf<T extends string>(choices: readonly T[], value: unknown, previous: T): T {
  return choices.find((choice) => choice === value) ?? previous;
}
