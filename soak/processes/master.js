'use strict'

// A pool's master: attaches, forks workers, and forks another whenever one dies, as turtle-pool does.

const cluster = require('node:cluster')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { attach } = require('../..')
const { seededRandom } = require('../../sim/random')
const { now } = require('../clock')
const Dice = require('../dice')
const { configOf } = require('../settings')
const { Hand } = require('./hand')
const { Turns, sample } = require('./meter')
const { Observer, addressOf } = require('./observer')
const { reportOf } = require('./report')
const { healthyAgain } = require('./rest')
const { followSoak, watchTroubles } = require('./troubles')

const { daemons } = JSON.parse(process.argv[2])
/** One of them is never hurt, so that it can be seen whether following grows. */
const WORKERS = 3
const RESTART_AFTER = 100
/** Until a worker has started, on a machine that is busy with other things. */
const LONGEST_START = 60000

const troubles = watchTroubles()
const takeLeave = followSoak()
const OPTIONS = { failback: 500 }
const multiDaemon = attach(configOf(daemons, OPTIONS), { log: () => {} })
const observers = [new Observer('the master', multiDaemon, daemons.map(addressOf))]
const hand = new Hand(multiDaemon, daemons, OPTIONS)
const turns = new Turns(() => observers.forEach(observer => observer.look()))
const counts = { deaths: 0, requests: 0 }
let ending = false

/** Workers that have attached, the one that is spared first. */
const up = new Map()
let spared = null

cluster.setupPrimary({ exec: path.join(__dirname, 'worker.js'), args: [process.argv[2]], execArgv: process.execArgv })
cluster.on('exit', worker => {
  up.delete(worker.id)
  if (ending) return
  counts.deaths++
  if (worker.id === spared) troubles.list.push('a worker died that nobody had hurt')
  setTimeout(() => cluster.fork(), RESTART_AFTER)
})
// Its channel may break while it dies: then there is nobody left to tell.
cluster.on('fork', worker => worker.on('error', () => {}))
cluster.on('message', (worker, message) => {
  if (message.soak === 'up') up.set(worker.id, worker)
})
for (let count = 0; count < WORKERS; count++) {
  const { id } = cluster.fork()
  if (spared === null) spared = id
}

const ORDERS = {
  kill: dice => withVictim(dice, worker => worker.process.kill('SIGKILL')),
  fall: dice => withVictim(dice, worker => tell(worker, { soak: 'fall' })),
  leave: dice => withVictim(dice, worker => worker.disconnect()),
  'worker block': dice => tell(dice.oneOf([...up.values()]), { soak: 'block', lasts: dice.between(100, 1000) }),
  block: dice => block(dice.between(100, 1500)),
  silence: () => block(3000),
  junk: dice => tell(dice.oneOf([...up.values()]), { soak: 'junk', dice: dice.below(2 ** 32) }),
  drain: dice => tell(dice.oneOf([...up.values()]), { soak: 'drain', dice: dice.below(2 ** 32) }),
  pin: dice => tell(dice.oneOf([...up.values()]), { soak: 'pin', dice: dice.below(2 ** 32) }),
  reconfigure: dice => hand.reconfigure(dice),
  refresh: () => {
    multiDaemon.refresh()
    for (const worker of up.values()) tell(worker, { soak: 'refresh' })
  }
}

process.on('message', async message => {
  const dice = new Dice(seededRandom(message.dice))
  if (message.order === 'rest') process.send(await rest())
  else if (message.order === 'end') await end()
  else ORDERS[message.order](dice)
})

function withVictim (dice, hurt) {
  const victims = [...up.values()].filter(({ id }) => id !== spared)
  if (victims.length > 0) hurt(dice.oneOf(victims))
}

function tell (worker, message) {
  if (worker && worker.isConnected()) worker.send(message, () => {})
}

function block (milliseconds) {
  const until = now() + milliseconds
  while (now() < until);
}

async function rest () {
  const began = now()
  hand.release()
  const recovered = await healthyAgain(multiDaemon, turns, text => troubles.list.push(text))
  while (up.size < WORKERS && now() - began < LONGEST_START) await sleep(20)
  if (up.size < WORKERS) troubles.list.push(`${up.size} workers of ${WORKERS} ${LONGEST_START} ms after the last died`)
  const sampling = sample()
  const answers = await Promise.all([...up.values()].map(worker => restOf(worker)))
  const samples = { master: await sampling }
  const own = reportOf({ observers, turns, troubles })
  for (const answer of answers) {
    counts.requests += answer.requests
    if (answer.spared) samples.worker = answer.sample
  }
  return {
    ...own,
    givens: [own, ...answers].flatMap(({ givens }) => givens),
    asked: own.asked + answers.reduce((sum, { asked }) => sum + asked, 0),
    stalls: [own, ...answers].flatMap(({ stalls }) => stalls),
    troubles: [own, ...answers].flatMap(({ troubles }) => troubles),
    recovered,
    samples,
    counts: { ...counts },
    longest: { request: Math.max(...answers.map(({ longest }) => longest)) }
  }
}

/** The worker's own word, which it gives once it says what the master says. */
function restOf (worker) {
  return new Promise(resolve => {
    const hear = message => {
      if (message.soak !== 'rested') return
      worker.off('message', hear)
      resolve({ ...message, spared: worker.id === spared })
    }
    worker.on('message', hear)
    tell(worker, { soak: 'rest', isSpared: worker.id === spared, daemon: addressOf(multiDaemon.getDaemon()) })
  })
}

async function end () {
  ending = true
  turns.stop()
  await new Promise(resolve => cluster.disconnect(resolve))
  await multiDaemon.stop()
  takeLeave()
}
