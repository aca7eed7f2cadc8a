#!/usr/bin/env node
'use strict'

// `npm run soak`: acts in which everything fails, and rests in which nothing of it may be left.

const { sleep } = require('../sim')
const { now } = require('./clock')
const { USAGE, UsageError, readOptions } = require('./options')
const { acts } = require('./plan')
const { Turns } = require('./processes/meter')
const { Record } = require('./record')
const { Subject } = require('./subject')
const { printSummary } = require('./summary')
const { World } = require('./world')

async function main (args) {
  const options = readOptions(args)
  if (options.help) return console.log(USAGE)
  console.log(`seed ${options.seed}`)
  const record = await soak(options)
  printSummary(record)
  process.exitCode = record.violations.length > 0 ? 1 : 0
}

/** Goes on until the time is over or something is wrong. */
async function soak ({ seconds, seed, rig }) {
  const [record, turns, world] = [new Record(seed), new Turns(), await World.open(seed)]
  const subjects = { lone: new Subject('lone', { ...world.input, rig }), cluster: new Subject('master', world.input) }
  const deadline = now() + 1000 * seconds
  try {
    for (const act of acts(seed)) {
      await play(act, world, subjects, record, turns)
      if (now() > deadline || record.troubles.length > 0) break
    }
    const ends = await Promise.all(Object.values(subjects).map(subject => subject.end()))
    record.troubles.push(...ends.filter(Boolean))
  } catch (error) {
    record.troubles.push(error.message)
  } finally {
    for (const subject of Object.values(subjects)) subject.kill()
    turns.stop()
    await world.close()
  }
  record.world = world.counts
  return record
}

/** One act, and the rest after it. */
async function play (act, world, subjects, record, turns) {
  const began = now()
  const playing = act.turns.map(async turn => {
    await sleep(began + turn.at - now())
    if (turn.what !== 'order') return world.play(turn)
    const subject = subjects[turn.to]
    return turn.order === 'suspend' ? subject.suspend(500 + turn.dice % 1000) : subject.tell(turn)
  })
  await Promise.all([...playing, sleep(act.lasts)])
  await world.heal()
  const [lone, cluster] = await Promise.all([subjects.lone.rest(), subjects.cluster.rest()])
  const daemons = world.daemons.map(({ host, port }) => `${host}:${port}`)
  record.take(act, { lone, cluster }, world.takeBads(), { daemons, stalls: turns.take() })
  tellAct(act, Math.max(lone.recovered, cluster.recovered))
}

function tellAct ({ number, kind, turns }, recovered) {
  const count = (...wanted) => turns.filter(({ what, order }) => wanted.includes(what) || wanted.includes(order)).length
  const happened = `${count('ill')} failures, ${count('split')} splits of the network, ${count('kill', 'fall', 'leave')} ends of workers`
  console.log(`act ${number}, ${kind}: ${happened}; all healthy again after ${(recovered / 1000).toFixed(1)} s`)
}

main(process.argv.slice(2)).catch(error => {
  console.error(error instanceof UsageError ? error.message : error)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
