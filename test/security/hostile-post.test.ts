import { expect, test } from 'vitest';
import { postLimits, readPostedForm } from '../../bot/web/posted-form.ts';
import { withinTime } from './within-time.ts';

/*
 * Whoever has a link can post to it. The whole bot waits while a post is read, so it is read or refused at once, whatever is
 * in it; and what is not the form's own fields, each once and as what it is, is no post of the form.
 */

const type = 'multipart/form-data; boundary=x';
const filled = (unit: string): string => unit.repeat(Math.floor(postLimits.multipart / unit.length));
const part = (headers: string, value = ''): string => `--x\r\n${headers}\r\n\r\n${value}\r\n`;
const field = 'Content-Disposition: form-data; name="check"';

test.each([
  ['parts', filled(part('Content-Disposition: form-data; name="a"'))],
  ['parts of a name', filled(part(field))],
  ['headers', part(`${filled('a: b\r\n')}${field}`)],
  ['one header', part(`${'a'.repeat(postLimits.multipart)}: b`)],
  ['escapes in a name', part(`Content-Disposition: form-data; name="${filled('%22')}"`)],
  ['parameters', part(`Content-Disposition: form-data${filled('; ')}`)],
  ['blanks', part(`Content-Disposition:${filled(' ')}form-data; name="a"`)],
  ['line ends', filled('\r\n')],
  ['a boundary that never ends', `--x\r\n${field}\r\n\r\n${filled('\r\n--')}`],
])('a post of nothing but %s is read or refused at once, and brings nothing', async (_name, text) => {
  const form = await withinTime(() => readPostedForm(type, Buffer.from(`${text}--x--\r\n`)));
  expect(form ?? { check: '', password: '', file: null }).toEqual({ check: '', password: '', file: null });
});

const file = 'Content-Disposition: form-data; name="file"; filename="a.pem"\r\nContent-Type: ';

test('a part that is several parts itself is one file and no fields', async () => {
  const inner = `--y\r\n${field}\r\n\r\nforged\r\n--y--`;
  const body = `${part(`${file}multipart/mixed; boundary=y`, inner)}--x--\r\n`;
  const form = await readPostedForm(type, Buffer.from(body));
  expect(form).toMatchObject({ check: '', password: '' });
  expect(Buffer.from(form?.file ?? []).toString()).toBe(inner);
});

test.each([
  ['a password that is a file', part('Content-Disposition: form-data; name="password"; filename="a"', 'x')],
  ['a file that is a field', part('Content-Disposition: form-data; name="file"', 'x')],
  ['two files', part(`${file}text/plain`, 'x').repeat(2)],
  ['a field of an object', part('Content-Disposition: form-data; name="__proto__"', 'x')],
])('%s is no post of the form', async (_name, text) => {
  expect(await readPostedForm(type, Buffer.from(`${text}--x--\r\n`))).toBeNull();
});
