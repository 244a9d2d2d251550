import { isCode, type Fault } from '../../model/fault.ts';

/** What an Autodiscover service answers to who has signed in, whichever of its two languages it speaks. */
export type SettingsAnswer =
  | {
      readonly kind: 'settings';
      /** EWS addresses as given, the external one first. */
      readonly ewsUrls: readonly string[];
    }
  | { readonly kind: 'redirect-address'; readonly address: string }
  | { readonly kind: 'redirect-url'; readonly url: string }
  | { readonly kind: 'error'; readonly fault: Fault };

/** Whom the question was about and who was asked, for the sentences. */
export interface AnswerContext {
  readonly host: string;
  readonly address: string;
}

export const invalidAnswer = ({ host }: AnswerContext): SettingsAnswer => ({
  kind: 'error',
  fault: { code: 'AutodiscoverAnswerInvalid', params: { host } },
});

export const addressUnknown = ({ host, address }: AnswerContext): SettingsAnswer => ({
  kind: 'error',
  fault: { code: 'AutodiscoverAddressUnknown', params: { host, address } },
});

/** A code that has no words of its own: shown as the server said it, cut, since it may say anything. */
export const otherError = ({ host, address }: AnswerContext, code: string): SettingsAnswer => {
  const responseCode = code === '' || !isCode(code) ? 'unknown' : code.slice(0, 60);
  return {
    kind: 'error',
    fault: { code: 'AutodiscoverError', params: { host, address, responseCode }, raw: responseCode },
  };
};
