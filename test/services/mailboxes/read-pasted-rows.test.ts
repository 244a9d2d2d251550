import { describe, expect, it } from 'vitest';
import { readPastedRows } from '../../../services/mailboxes/read-pasted-rows.ts';
import { isMailroomError } from '../../../services/model/error.ts';

const kim = { line: 1, address: 'kim@contoso.test', type: 'queue', owner: 'Lee', refusal: null };
const simple = (text: string): unknown[] =>
  readPastedRows(text).rows.map(({ line, address, type, owner, refusal }) => [
    line,
    address,
    type,
    owner,
    refusal?.code ?? 'ok',
  ]);

describe('pasted rows', () => {
  it.each([
    ['commas', 'kim@contoso.test,queue,Lee'],
    ['semicolons', 'kim@contoso.test;queue;Lee'],
    ['tabs, as Excel gives cells', 'kim@contoso.test\tqueue\tLee'],
    ['spaces around', '  kim@contoso.test ,  queue , Lee  '],
    ['a BOM', '\uFEFFkim@contoso.test,queue,Lee'],
    ['CRLF', 'kim@contoso.test,queue,Lee\r\n'],
    ['CR alone', 'kim@contoso.test,queue,Lee\r'],
    ['quotes', '"kim@contoso.test","queue","Lee"'],
    ['capitals', 'KIM@Contoso.TEST,QUEUE,Lee'],
    ['a link of HTML', '<a href="mailto:kim@contoso.test" title="x">kim@contoso.test</a>,queue,Lee'],
    ['a link of Markdown', '[kim@contoso.test](mailto:kim@contoso.test),queue,Lee'],
    ['a link with a bar', '<mailto:kim@contoso.test|kim@contoso.test>,queue,Lee'],
    ['a link without', '<mailto:kim@contoso.test>,queue,Lee'],
    ['a bare mailto', 'mailto:kim@contoso.test,queue,Lee'],
    ['non-breaking spaces', 'kim@contoso.test,\u00A0queue,&nbsp;Lee'],
    ['zero-width spaces', 'kim@contoso.test\u200B,queue,Lee'],
  ])('are read with %s', (_, text) => {
    expect(readPastedRows(text).rows).toEqual([kim]);
  });

  it('take a line break of HTML as one, and entities as what they mean', () => {
    expect(simple('a@x.test,user,Lee &amp; Kim<br>b@x.test<br/>c@x.test')).toEqual([
      [1, 'a@x.test', 'user', 'Lee & Kim', 'ok'],
      [2, 'b@x.test', 'user', 'b@x.test', 'ok'],
      [3, 'c@x.test', 'user', 'c@x.test', 'ok'],
    ]);
  });

  it.each(['address,type,owner', 'Email;Type;Owner', 'E-Mail\tType', 'PrimarySmtpAddress', '"Mailbox"'])(
    'skip a header such as %j, and only on the first line',
    (header) => {
      const { rows } = readPastedRows(`${header}\nkim@contoso.test`);
      expect(rows.map(({ line, address }) => [line, address])).toEqual([[2, 'kim@contoso.test']]);
      expect(simple(`kim@contoso.test\n${header}`)[1]).toContain('address-invalid');
    },
  );

  it('keep their line numbers over blank lines, so that a mistake is found again', () => {
    expect(simple('\n\na@x.test\n\n , ,\nb@x.test')).toEqual([
      [3, 'a@x.test', 'user', 'a@x.test', 'ok'],
      [6, 'b@x.test', 'user', 'b@x.test', 'ok'],
    ]);
  });

  it('keep commas inside the cells of Excel and inside quotes', () => {
    expect(simple('a@x.test\tuser\tLee, Kim')).toEqual([[1, 'a@x.test', 'user', 'Lee, Kim', 'ok']]);
    expect(simple('a@x.test,user,"Lee, Kim"')).toEqual([[1, 'a@x.test', 'user', 'Lee, Kim', 'ok']]);
    expect(simple('a@x.test,user,Kim "Kit" Lee')).toEqual([[1, 'a@x.test', 'user', 'Kim "Kit" Lee', 'ok']]);
  });

  it('belong to their own user where no owner is named; a queue stays without', () => {
    expect(simple('a@x.test\nb@x.test,queue\nc@x.test,,Lee')).toEqual([
      [1, 'a@x.test', 'user', 'a@x.test', 'ok'],
      [2, 'b@x.test', 'queue', '', 'ok'],
      [3, 'c@x.test', 'user', 'Lee', 'ok'],
    ]);
  });

  it('say of each broken one what is wrong, and drop none', () => {
    const { rows } = readPastedRows(
      [
        'good@x.test,user',
        ',queue,Lee',
        'not an address,user',
        'b@x.test,room',
        'GOOD@x.test,queue',
        'c@x.test,user,Lee,more',
      ].join('\n'),
    );
    expect(rows.map(({ line, refusal }) => [line, refusal])).toEqual([
      [1, null],
      [2, { code: 'address-missing', value: '' }],
      [3, { code: 'address-invalid', value: 'not an address' }],
      [4, { code: 'type-unknown', value: 'room' }],
      [5, { code: 'duplicate', value: 'good@x.test' }],
      [6, { code: 'too-many-cells', value: '4' }],
    ]);
  });

  it('see an empty first cell of Excel as a missing address', () => {
    expect(simple('a@x.test\tuser\tLee\n\tqueue\tKim\nb@x.test\t\tKim')).toEqual([
      [1, 'a@x.test', 'user', 'Lee', 'ok'],
      [2, '', 'queue', 'Kim', 'address-missing'],
      [3, 'b@x.test', 'user', 'Kim', 'ok'],
    ]);
  });

  it('do not mind empty cells at the end', () => {
    expect(simple('a@x.test,user,Lee,,,')).toEqual([[1, 'a@x.test', 'user', 'Lee', 'ok']]);
  });

  it('repeat little of what is too long', () => {
    const {
      rows: [row],
    } = readPastedRows(`${'x'.repeat(10_000)}@x.test,user,${'y'.repeat(10_000)}`);
    expect(JSON.stringify(row).length).toBeLessThan(700);
    expect(row?.refusal?.code).toBe('address-invalid');
  });

  it.each(['', ' \n\t\n', '\uFEFF', 'address,type,owner', '<br><br>', ',,,'])('are missing in %j', (text) => {
    expect(() => readPastedRows(text)).toThrow(expect.objectContaining({ code: 'import.empty' }));
  });

  it('may be ten thousand, and not one more', () => {
    const lines = (count: number): string => Array.from({ length: count }, (_, i) => `u${i}@x.test`).join('\n');
    expect(readPastedRows(lines(10_000)).rows).toHaveLength(10_000);
    expect(() => readPastedRows(lines(10_001))).toThrow(
      expect.objectContaining({ code: 'import.too-many-rows', params: { limit: 10_000 } }),
    );
  });

  it('that cannot be read name the line', () => {
    try {
      readPastedRows('a@x.test,user\n"b@x.test,user\nc@x.test');
      expect.unreachable();
    } catch (error) {
      expect(isMailroomError(error, 'import.unreadable')).toBe(true);
      expect(error).toMatchObject({ params: { line: expect.any(Number) as number } });
    }
  });
});
