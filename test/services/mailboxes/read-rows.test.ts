import { describe, expect, it } from 'vitest';
import { csvLine } from '../../../bot/web/csv.ts';
import { readFileRows } from '../../../services/mailboxes/read-pasted-rows.ts';

const simple = (text: string): unknown[] =>
  readFileRows(text).rows.map(({ line, address, type, owner, refusal }) => [
    line,
    address,
    type,
    owner,
    refusal?.code ?? 'ok',
  ]);
const kim = [[2, 'kim@contoso.test', 'queue', 'Lee', 'ok']];

describe('a header line', () => {
  it.each([
    ['the usual order', 'address,type,owner\nkim@contoso.test,queue,Lee'],
    ['another order', 'Owner;Type;Email\nLee;queue;kim@contoso.test'],
    ['columns between', 'Id\tOwner\tDepartment\tE-Mail Address\tMailbox type\n7\tLee\tX\tkim@contoso.test\tqueue'],
    ['capitals and signs', '"OWNER","e-mail","TYPE"\n"Lee","kim@contoso.test","Queue"'],
    ['German words', 'Besitzer;Typ;E-Mail-Adresse\nLee;Warteschlange;kim@contoso.test'],
    ['an umlaut in a name of a column', 'Eigentümer;Postfachtyp;Adresse\nLee;Warteschlangenpostfach;kim@contoso.test'],
    ['Exchange’s own name beside a weaker one', 'Mail,PrimarySmtpAddress,Owner,Type\nx,kim@contoso.test,Lee,queue'],
  ])('is read with %s', (_, text) => {
    expect(simple(text)).toEqual(kim);
  });

  it('may leave type and owner out', () => {
    expect(simple('Name,Address\nKim,kim@contoso.test')).toEqual([
      [2, 'kim@contoso.test', 'user', 'kim@contoso.test', 'ok'],
    ]);
  });

  it('tells of columns that are not read, and of no others', () => {
    expect(readFileRows('Name,Address,Status,,Owner\nKim,kim@contoso.test,ok,,Lee').ignoredColumns).toEqual([
      'Name',
      'Status',
    ]);
    expect(readFileRows('kim@contoso.test,queue,Lee').ignoredColumns).toEqual([]);
    const wide = ['address', ...Array.from({ length: 500 }, (_, index) => `column ${index}`.padEnd(200, 'x'))].join(
      ',',
    );
    const { ignoredColumns } = readFileRows(`${wide}\nkim@contoso.test`);
    expect([ignoredColumns.length, ignoredColumns[0]?.length]).toEqual([10, 60]);
  });

  it('is a row like others where it holds an address, and refused as one further down', () => {
    expect(simple('mail@contoso.test,user,owner')).toEqual([[1, 'mail@contoso.test', 'user', 'owner', 'ok']]);
    expect(simple('kim@contoso.test\naddress,type,owner')[1]).toContain('address-invalid');
  });

  it('leaves a row with more cells than columns for its reader to mend', () => {
    expect(simple('Address,Note\nkim@contoso.test,fine,and more')).toMatchObject(
      [[2, '', '', '', '']].map(() => expect.arrayContaining(['too-many-cells'])),
    );
  });
});

describe('a file', () => {
  it('is what it says: nothing in it is taken for markup of a chat', () => {
    expect(simple('kim@contoso.test,queue,R&amp;D <br> Lee')).toEqual([
      [1, 'kim@contoso.test', 'queue', 'R&amp;D <br> Lee', 'ok'],
    ]);
  });

  it('of Excel may name its separator first; its lines count as they stand there', () => {
    expect(simple('sep=;\naddress;owner\n\nkim@contoso.test;Lee, Ann')).toEqual([
      [4, 'kim@contoso.test', 'user', 'Lee, Ann', 'ok'],
    ]);
    expect(simple('SEP=|\r\nkim@contoso.test|queue|Lee')).toEqual(kim);
  });

  it('that Mailroom wrote comes back as it was, formulas disarmed and armed again', () => {
    const owners = ['=cmd|calc', '+41 44', '-Lee', '@home', ' =1+1', "'quoted'", "O'Neill"];
    const lines = owners.map((owner, index) => csvLine([`user${index}@contoso.test`, 'queue', owner, 'Contoso']));
    const text = csvLine(['address', 'type', 'owner', 'profile']) + lines.join('');
    expect(text).toContain(`"'=cmd|calc"`);
    const { rows, ignoredColumns } = readFileRows(text);
    expect(rows.map(({ owner }) => owner)).toEqual(owners.map((owner) => owner.trim()));
    expect(ignoredColumns).toEqual(['profile']);
  });

  it('of more than 10,000 rows is refused, also where most of them are empty', () => {
    const tooMany = expect.objectContaining({ code: 'import.too-many-rows', params: { limit: 10_000 } });
    const lines = (count: number): string =>
      Array.from({ length: count }, (_, index) => `u${index}@x.test,user`).join('\n');
    expect(readFileRows(`address,type\n${lines(10_000)}`).rows).toHaveLength(10_000);
    expect(() => readFileRows(`address,type\n${lines(10_001)}`)).toThrow(tooMany);
    expect(() => readFileRows(`kim@contoso.test,user\n${',\n'.repeat(20_000)}`)).toThrow(tooMany);
    // A megabyte of separators is over in a moment.
    const startedAt = performance.now();
    expect(() => readFileRows(',\n'.repeat(1_000_000))).toThrow(tooMany);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
