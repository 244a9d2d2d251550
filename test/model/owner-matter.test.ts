import { expect, it } from 'vitest';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import { actorOf, concernsOwner, matterOf, matterOfCode, ownerAddresses } from '../../services/model/owner-matter.ts';

const codesOf = (scope: string): FaultCode[] =>
  (Object.keys(faultCatalogue) as FaultCode[]).filter((code) => faultCatalogue[code].scope === scope);
const alertOf = (code: FaultCode) => ({ fault: { code, params: {} } });

it('says in own words what each fault of a mailbox is, and of a server no more than that it is the server', () => {
  expect(Object.keys(matterOfCode).toSorted()).toEqual(codesOf('mailbox').toSorted());
  expect(codesOf('mailbox').filter((code) => matterOf({ code }) === 'server')).toEqual([]);
  expect(codesOf('server').filter((code) => matterOf({ code }) !== 'server')).toEqual([]);
});

it('tells owners of faults of the mailbox always, of the server where it is wanted, and of a message never', () => {
  const told = (scope: string, wanted: boolean): boolean[] => [
    ...new Set(codesOf(scope).map((code) => concernsOwner(alertOf(code), wanted))),
  ];
  expect([told('mailbox', false), told('mailbox', true)]).toEqual([[true], [true]]);
  expect([told('server', false), told('server', true)]).toEqual([[false], [true]]);
  expect([told('email', false), told('email', true)]).toEqual([[false], [false]]);
});

it('asks somebody to act only when trying again is over', () => {
  expect(actorOf('full', 'error')).toBe('you');
  expect(actorOf('approval', 'error')).toBe('approver');
  expect(actorOf('passing', 'error')).toBe('admin');
  expect(actorOf('full', 'warning')).toBe('nobody');
});

it('looks for an owner by addresses, and by nothing else', () => {
  const user = { type: 'user', address: 'kim@contoso.test' } as const;
  const queue = { type: 'queue', address: 'sales@contoso.test' } as const;
  expect(ownerAddresses({ ...user, owner: 'kim@contoso.test' })).toEqual(['kim@contoso.test']);
  expect(ownerAddresses({ ...user, owner: ' Boss@Contoso.test ' })).toEqual(['boss@contoso.test', 'kim@contoso.test']);
  expect(ownerAddresses({ ...user, owner: 'Kim Abercrombie' })).toEqual(['kim@contoso.test']);
  expect(ownerAddresses({ ...queue, owner: 'boss@contoso.test' })).toEqual(['boss@contoso.test']);
  for (const owner of ['', 'Kim Abercrombie', 'a@contoso.test;b@contoso.test', '[kim](mailto:kim@contoso.test)', '*@*'])
    expect(ownerAddresses({ ...queue, owner }), owner).toEqual([]);
});
