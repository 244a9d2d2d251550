import type { EwsServiceXmlWriter } from 'ews-javascript-api';

/**
 * ews-javascript-api writes every string raw into the SOAP (its issues #358, #368: "by design"), so an address such as
 * `a@b</t:SmtpAddress><t:PrimarySmtpAddress>victim@b` goes out as a second identity and `R&D` makes a malformed request
 * (facts/exchange.md §1.3, 1). All text passes the two writer methods patched here.
 */

/** What XML 1.0 forbids even as a character reference (§2.2 Char): controls, lone surrogates, U+FFFE and U+FFFF. */
const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text between tags. Line breaks stay, but a carriage return would be read back as a line feed if it were not named. */
export function escapeText(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>\r]/g, (character) => references[character] ?? character);
}

/** Text between double quotes, where a reader turns white space into blanks unless it is named. */
export function escapeAttribute(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>"\t\n\r]/g, (character) => references[character] ?? character);
}

type Writer = Pick<EwsServiceXmlWriter, 'WriteAttributeString' | 'WriteValue'>;

const patched = new WeakSet<Writer>();

/** Wraps the writer's two methods once, however often it is called: escaping twice would show `&amp;` to readers. */
export function patchWriter(prototype: Writer): void {
  if (patched.has(prototype)) return;
  patched.add(prototype);
  const writeAttribute = Reflect.get(prototype, 'WriteAttributeString') as (...parts: unknown[]) => void;
  const writeValue = Reflect.get(prototype, 'WriteValue') as (...parts: unknown[]) => void;
  Object.assign(prototype, {
    WriteAttributeString(this: Writer, ...parts: unknown[]): void {
      // (name, value) or (prefix, name, value): the value is last.
      const value = parts.at(-1);
      writeAttribute.apply(this, [...parts.slice(0, -1), typeof value === 'string' ? escapeAttribute(value) : value]);
    },
    WriteValue(this: Writer, value: unknown, ...name: unknown[]): void {
      writeValue.apply(this, [typeof value === 'string' ? escapeText(value) : value, ...name]);
    },
  });
}
