// How far evidence from outside shows when the events existed (section 7.5).

import { timeSignedBy } from './note.js';
import { demand } from './refusal.js';
import { counts, readTimestamp } from './timestamp.js';
import { NOBODY } from './trust.js';

const TIMESTAMP = /^evidence\/checkpoint-([0-9]+)\.[0-9]+\.tsr$/;

/** The events that need evidence, each with its deadline (BigInt seconds). */
function deadlines(chain) {
  const { beacon, versions, freeze } = chain;
  const timeAt = (drawAt) => beacon.timeOf(beacon.firstRoundAt(drawAt));
  const needed = versions.map((event, number) => {
    const rules = number === 0 ? event : versions[number - 1];
    return { event, deadline: timeAt(rules.body.draw_at) };
  });
  if (freeze) {
    const inTime = [freeze, ...chain.dqsBefore];
    if (chain.void && !chain.isVoidAfterRound) inTime.push(chain.void);
    for (const event of inTime) needed.push({ event, deadline: chain.roundTime });
  } else if (chain.void) {
    needed.push({ event: chain.void, deadline: timeAt(chain.inForce.body.draw_at) });
  }
  return needed;
}

/** Everything that was signed about the checkpoints and counts: {kind, operator, size, time}. */
function gather(container, checkpoints, trust, findings) {
  const evidence = [];
  const owners = new Set();
  for (const checkpoint of checkpoints) {
    const signers = trust.logs.filter(({ key }) => timeSignedBy(key, checkpoint) !== null);
    const mine = signers.filter(({ key }) => key.name === checkpoint.origin);
    for (const { operator } of mine) owners.add(operator);
    if (mine.length === 0 && trust !== NOBODY)
      findings.add('untrusted-checkpoint', { name: checkpoint.where });
    for (const { key, operator } of trust.witnesses) {
      const time = timeSignedBy(key, checkpoint);
      if (time === null || mine.length === 0) continue;
      evidence.push({ kind: 'witness', operator, size: checkpoint.size, time });
    }
  }
  const bySize = new Map(checkpoints.map((checkpoint) => [String(checkpoint.size), checkpoint]));
  for (const name of container.names()) {
    const found = TIMESTAMP.exec(name);
    if (!found) continue;
    const checkpoint = bySize.get(found[1]);
    demand(checkpoint, 'timestamp-checkpoint', name);
    const timestamp = readTimestamp(container.load(name).bytes, checkpoint.text, name);
    const { operator, problem } = counts(timestamp, trust.timestamps);
    if (problem) findings.add(problem, { name });
    else
      evidence.push({ kind: 'timestamp', operator, size: checkpoint.size, time: timestamp.time });
  }
  return evidence.filter(({ operator }) => !owners.has(operator));
}

/** The grade of one event from the evidence that is in time for it. */
export function gradeOf(evidence) {
  const operatorsOf = (kind) =>
    new Set(evidence.filter((one) => one.kind === kind).map((one) => one.operator));
  const [witnesses, authorities] = [operatorsOf('witness'), operatorsOf('timestamp')];
  const all = new Set([...witnesses, ...authorities]);
  if (witnesses.size > 0 && all.size > 1) return 'A';
  if (authorities.size > 1) return 'B';
  return all.size > 0 ? 'C' : 'D';
}

/**
 * Check all evidence of a bundle and grade its events. Returns the lowest grade, and per event that
 * needs evidence `{event, grade}`. `checkpoints` as `checkSlice` gives them; null without a log.
 */
export function gradeBundle(container, { chain, checkpoints, trust, findings }) {
  const needed = deadlines(chain);
  if (checkpoints === null) {
    const stray = container.names().find((name) => name.startsWith('evidence/'));
    demand(stray === undefined, 'timestamp-checkpoint', stray);
    return { grade: 'D', events: needed.map(({ event }) => ({ event, grade: 'D' })), evidence: [] };
  }
  if (trust === NOBODY) findings.add('no-trust', {});
  const evidence = gather(container, checkpoints, trust, findings);
  const events = needed.map(({ event, deadline }) => {
    const fits = ({ size, time }) => size > event.logIndex && time < deadline;
    return { event, grade: gradeOf(evidence.filter(fits)) };
  });
  const grade = events
    .map((one) => one.grade)
    .sort()
    .at(-1);
  return { grade, events, evidence };
}
