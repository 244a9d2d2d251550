import type { DraftValues } from './draft.ts';
import type { ModernAuthentication } from './modern-authentication.ts';
import { schemeOf, type EmailServerProfile } from './profile.ts';

/**
 * What a secret is for. At rest it is bound to exactly this: when any of it changes, the secret is of no use any more and a
 * new one is asked for (DESIGN, law 3).
 */
export interface SecretTarget {
  /** The server that gets it, with its port; of a search `autodiscover:DOMAIN`, which is no host. */
  readonly host: string;
  /** The service account, or the app of a token. */
  readonly account: string;
  /** What the secret is: a password and how it is used, the app's certificate, or the client secret of the vault's app. */
  readonly scheme: 'basic' | 'ntlm' | 'certificate' | 'key-vault';
  /**
   * What else it depends on. Of a token: tenant, resource and, with a vault, its address, certificate and app. Last the host
   * that gets it too, where mail is sent by another server. Empty for a password of one server.
   */
  readonly parties: readonly string[];
}

/** How many parties each has by itself, before that of the outgoing server. */
const ownParties = { basic: 0, ntlm: 0, certificate: 2, 'key-vault': 5 } as const satisfies Record<
  SecretTarget['scheme'],
  number
>;

/** The second host that gets the secret; null: there is none. */
export const outgoingHostOf = ({ scheme, parties }: Pick<SecretTarget, 'scheme' | 'parties'>): string | null =>
  parties[ownParties[scheme]] ?? null;

/** Every host that may get the secret. */
export function hostsOf(target: SecretTarget): readonly string[] {
  const outgoing = outgoingHostOf(target);
  return outgoing === null ? [target.host] : [target.host, outgoing];
}

/** The target of a draft's secret, as the values stand. */
export function secretTargetOfDraft(values: DraftValues): SecretTarget {
  const { serverLocation, userName, authentication } = values;
  const outgoing = outgoingLocationOf(values);
  if (authentication === 'oauth')
    return withOutgoing(tokenTarget(serverLocation, modernAuthenticationOf(values)), outgoing);
  const host = isSearched(values) ? searchHost(values.probeAddress) : hostOf(serverLocation);
  return withOutgoing({ host, account: userName, scheme: authentication, parties: [] }, outgoing);
}

/** The address for outgoing that a draft asks for; null: the same settings. */
export const outgoingLocationOf = (
  values: Pick<DraftValues, 'useSameSettingsForOutgoing' | 'outgoingServerLocation'>,
): string | null => (values.useSameSettingsForOutgoing ? null : values.outgoingServerLocation);

export function secretTargetOfProfile(profile: EmailServerProfile): SecretTarget {
  const { serverLocation, outgoingServerLocation: outgoing, userName, modernAuthentication } = profile;
  const scheme = schemeOf(profile);
  if (scheme !== 'oauth')
    return withOutgoing({ host: hostOf(serverLocation), account: userName, scheme, parties: [] }, outgoing);
  // An OAuth profile always has these values; without them there is nothing that its secret could be bound to.
  if (modernAuthentication === null) return { host: '', account: '', scheme: 'certificate', parties: [] };
  return withOutgoing(tokenTarget(serverLocation, modernAuthentication), outgoing);
}

/** Another path at the same host is no other server. */
function withOutgoing(target: SecretTarget, outgoing: string | null): SecretTarget {
  const host = outgoing === null ? target.host : hostOf(outgoing);
  return host === target.host ? target : { ...target, parties: [...target.parties, host] };
}

/** True when two targets are the same server, account, scheme and parties: the secret for one is good for the other. */
export const isSameTarget = (one: SecretTarget, other: SecretTarget): boolean => targetText(one) === targetText(other);

const targetText = ({ host, account, scheme, parties }: SecretTarget): string =>
  JSON.stringify([host.toLowerCase(), account.toLowerCase(), scheme, ...parties]);

/** The server's address is not known yet: Autodiscover finds it. */
export const isSearched = ({ autodiscover, serverLocation }: DraftValues): boolean =>
  autodiscover === 'active' && serverLocation === '';

/** What a secret is bound to while a server is sought: the domain whose Autodiscover may be asked. */
export const searchHost = (address: string): string => `autodiscover:${address.split('@')[1]?.toLowerCase() ?? ''}`;

/** The domain of a `searchHost`; null for the host of a server, be it `autodiscover:8443`. */
export const searchedDomain = (host: string): string | null => /^autodiscover:(?!\d+$)(.*)$/s.exec(host)?.[1] ?? null;

/** Host of an EWS address as a secret is bound to it, with the port; empty for what is no address. */
export function hostOf(serverLocation: string): string {
  return URL.canParse(serverLocation) ? new URL(serverLocation).host.toLowerCase() : '';
}

/** The values of a draft that signs in with a token. */
export function modernAuthenticationOf(values: DraftValues): ModernAuthentication {
  const { tenant, clientId, resource, certificateSource, vaultUrl, certificateName, vaultClientId } = values;
  return {
    tenant,
    clientId,
    resource,
    certificate:
      certificateSource === 'file'
        ? { source: 'file' }
        : { source: 'key-vault', vaultUrl, certificateName, clientId: vaultClientId },
  };
}

function tokenTarget(serverLocation: string, modern: ModernAuthentication): SecretTarget {
  const { tenant, clientId, resource, certificate } = modern;
  const parties = [tenant, resource];
  const base = { host: hostOf(serverLocation), account: clientId };
  if (certificate.source === 'file') return { ...base, scheme: 'certificate', parties };
  const { vaultUrl, certificateName, clientId: vaultClientId } = certificate;
  return { ...base, scheme: 'key-vault', parties: [...parties, vaultUrl, certificateName, vaultClientId] };
}
