import type { SecretTarget } from '../services/model/secret-target.ts';

/** What a person is asked for; the sentences of the cards choose by it: `{kind, select, certificate {…} …}`. */
export type SecretKind = 'password' | 'certificate' | 'clientSecret';

const kinds: Readonly<Record<SecretTarget['scheme'], SecretKind>> = {
  basic: 'password',
  ntlm: 'password',
  certificate: 'certificate',
  'key-vault': 'clientSecret',
};

export function secretKind({ scheme }: SecretTarget): SecretKind {
  return kinds[scheme];
}
