import { judgeAnswer } from '../../services/exchange/ews/answer-fault.ts';
import { challengeMessage } from '../exchange/ntlm/challenge-message.ts';
import { findFolderAnswer } from '../exchange/soap-samples.ts';
import { problemsOf } from './fault-problems.ts';
import { memoryTransport } from './memory-wire.ts';
import { randomOfCase, type Random } from './random.ts';
import { goodAnswer, mutatedAnswer, offers, type RawAnswer } from './raw-answers.ts';
import type { Answering } from './request-reader.ts';
import { addProblems, countEnd, newTally, type Tally } from './tally.ts';
import { flipBits } from './text-mutations.ts';

const host = 'mail.contoso.test';
const address = 'user1@contoso.test';
const password = 'Hush-77-Sync';
const deadlineMs = 500;

/** Places in the message whose numbers lead somewhere: type, flags, and where the fields lie. */
const numbers = [8, 12, 14, 16, 20, 40, 42, 44] as const;
const extremes = [0, 1, 0x10, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff] as const;

/** A type 2 message with something wrong. */
function mutateChallenge(random: Random): Buffer {
  const message = Buffer.from(challengeMessage({ hasTime: !random.once(3) }));
  switch (random.below(7)) {
    case 0:
      return message.subarray(0, random.below(message.length));
    case 1:
      return flipBits(random, message);
    case 2:
      message.writeUInt32LE(random.pick(extremes), random.pick(numbers));
      return message;
    case 3:
      message.writeUInt16LE(random.pick([0, 1, 3, 0xffff]), message.length - 2 - random.below(40));
      return message;
    case 4:
      return Buffer.concat([message, Buffer.alloc(random.pick([1, 4, 40_000]), random.below(256))]);
    case 5:
      return Buffer.concat([message.subarray(0, 44), Buffer.alloc(4), Buffer.alloc(random.below(64))]);
    default:
      return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
  }
}

function challengeAnswer(random: Random): RawAnswer {
  const token = mutateChallenge(random).toString('base64');
  const label = random.once(4) ? random.pick(['Negotiate', 'ntlm', 'NTLM,', 'NTLM a="b",', 'Bearer']) : 'NTLM';
  const also = random.once(3) ? [random.pick(offers)] : [];
  const headers = [`${label} ${random.once(20) ? `${token}=====!` : token}`, ...also].map(
    (value) => ['WWW-Authenticate', value] as const,
  );
  return goodAnswer({ status: random.once(20) ? random.pick([200, 403, 407, 500, 503]) : 401, headers, body: '' });
}

const well = goodAnswer({ status: 200, headers: [['Content-Type', 'text/xml']], body: findFolderAnswer });
const refused = goodAnswer({ status: 401, headers: [['WWW-Authenticate', 'NTLM']], body: '' });

/** Sign-ins whose challenge, and at times whose last answer, is mutated. */
export async function fuzzNtlm(seed: number, answers: number): Promise<Tally> {
  const tally = newTally('NTLM challenges');
  for (let index = 0; tally.answers < answers; index += 1) {
    const random = randomOfCase(seed, index);
    let requests = 0;
    const answering: Answering = ({ head }) => {
      requests += 1;
      const type = Buffer.from(/^authorization: \w+ (\S+)/im.exec(head)?.[1] ?? '', 'base64')[8];
      if (type !== 3) {
        tally.answers += 1;
        return random.once(8) ? mutatedAnswer(random, '') : challengeAnswer(random);
      }
      if (random.once(4)) return refused;
      if (!random.once(4)) return well;
      tally.answers += 1;
      return mutatedAnswer(random, findFolderAnswer);
    };
    const transport = memoryTransport(host, deadlineMs, answering);
    const result = await transport.send({
      url: `https://${host}/EWS/Exchange.asmx`,
      method: 'POST',
      headers: {},
      body: '<a/>',
      authentication: { scheme: 'ntlm', userName: String.raw`CONTOSO\svc`, password, credentialId: 'c' },
    });
    await transport.close();
    const context = { host, address, scheme: 'ntlm', nowMs: 0 } as const;
    const fault = result.fault ?? judgeAnswer(result.answer, context).fault;
    countEnd(tally, fault, 'signed in');
    const problems = fault === null ? [] : problemsOf(fault, [password]);
    // Three connections that are answered for nothing, of three messages each.
    if (requests > 9) problems.push(`${requests} requests`);
    addProblems(tally, `case ${index}`, problems);
  }
  return tally;
}
