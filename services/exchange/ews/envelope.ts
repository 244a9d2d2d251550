import { SaxesParser } from 'saxes';

/** An error as the server said it: the response code on the wire, and the named values that came with it. */
export interface EwsError {
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What is read of an answer before the library may see it. */
export interface Envelope {
  /** major.minor.build.revision of ServerVersionInfo; SOAP faults do not carry it. */
  readonly build: string | null;
  /** The SOAP fault, or the first response message of class Error. */
  readonly error: EwsError | null;
  /** One a response message, in order: what it says against its part of the request. */
  readonly messages: readonly (EwsError | null)[];
}

/** Real answers stay below 20; 20,000 nested elements overflow the library's stack (facts/exchange.md §1.6). */
const maxDepth = 100;

class NotAnEnvelope extends Error {}

/**
 * Reads the cheap facts of a SOAP answer. Null: it is not a complete XML envelope with a body (HTML, cut off, empty, a
 * document type), so the library must not see it: some such answers leave its promises pending for ever.
 * By local names only, and tolerant: faults may come with HTTP 200, fault codes without prefix.
 */
export function readEnvelope(text: string): Envelope | null {
  if (!/^\uFEFF?\s*</.test(text)) return null;
  try {
    return new EnvelopeReader().read(text);
  } catch (error) {
    if (error instanceof NotAnEnvelope) return null;
    throw error;
  }
}

class EnvelopeReader {
  readonly #path: string[] = [];
  #build: string | null = null;
  #hasBody = false;
  #inFault = false;
  #inError = false;
  #faultCode = '';
  #code = '';
  #values: Record<string, string> = {};
  #error: EwsError | null = null;
  readonly #messages: (EwsError | null)[] = [];
  #valueName: string | null = null;
  #text = '';

  read(text: string): Envelope {
    const parser = new SaxesParser();
    parser.on('error', (error) => {
      throw new NotAnEnvelope(error.message);
    });
    parser.on('doctype', () => {
      throw new NotAnEnvelope('document type');
    });
    parser.on('opentag', (tag) => this.#open(localName(tag.name), tag.attributes));
    parser.on('text', (piece) => {
      this.#text += piece;
    });
    parser.on('cdata', (piece) => {
      this.#text += piece;
    });
    parser.on('closetag', (tag) => this.#close(localName(tag.name)));
    parser.write(text).close();
    if (!this.#hasBody) throw new NotAnEnvelope('no body');
    return { build: this.#build, error: this.#error, messages: this.#messages };
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    const depth = this.#path.length;
    if (depth === 0 && name !== 'Envelope') throw new NotAnEnvelope(name);
    if (depth > maxDepth) throw new NotAnEnvelope('too deep');
    if (depth === 1 && name === 'Body') this.#hasBody = true;
    if (depth === 2 && name === 'ServerVersionInfo') this.#build = buildOf(attributes);
    if (depth === 2 && name === 'Fault') this.#inFault = true;
    if (attributes['ResponseClass'] === 'Error') this.#inError = true;
    else if (attributes['ResponseClass'] !== undefined) this.#messages.push(null);
    if (name === 'Value' && this.#path.includes('MessageXml')) this.#valueName = attributes['Name'] ?? null;
    this.#path.push(name);
    this.#text = '';
  }

  #close(name: string): void {
    this.#path.pop();
    const text = this.#text.trim();
    this.#text = '';
    if (!this.#inFault && !this.#inError) return;
    if (this.#valueName !== null && name === 'Value') {
      this.#values[this.#valueName] = text;
      this.#valueName = null;
    } else if (name === 'faultcode') this.#faultCode = localName(text);
    else if (name === 'ResponseCode' && this.#code === '') this.#code = text;
    else if (name === 'Fault' || name.endsWith('ResponseMessage')) this.#finish();
  }

  #finish(): void {
    const code = this.#code === '' ? this.#faultCode : this.#code;
    // Back-end throttling comes wrapped: an internal error whose values name the busy server (facts/exchange.md §6.5).
    const inner = this.#values['InnerErrorResponseCode'];
    const error = { code: inner === 'ErrorServerBusy' ? inner : code || 'unknown', values: this.#values };
    this.#error ??= error;
    if (this.#inError) this.#messages.push(error);
    this.#inFault = false;
    this.#inError = false;
    this.#code = '';
    this.#values = {};
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function buildOf(attributes: Readonly<Record<string, string>>): string | null {
  const parts = ['MajorVersion', 'MinorVersion', 'MajorBuildNumber', 'MinorBuildNumber'].map(
    (name) => attributes[name] ?? '',
  );
  return parts.every((part) => /^\d{1,6}$/.test(part)) ? parts.join('.') : null;
}
