'use strict'

// A process that embeds the addon without a cluster: two instances that stay, others that come and go, and every call there is.

const { setTimeout: sleep } = require('node:timers/promises')
const { Worker } = require('node:worker_threads')
const { MultiDaemon } = require('../..')
const { seededRandom } = require('../../sim/random')
const { now } = require('../clock')
const Dice = require('../dice')
const { configOf } = require('../settings')
const { Calls } = require('./calls')
const { Hand } = require('./hand')
const { EVENTS, Instances } = require('./instances')
const { Turns, sample } = require('./meter')
const { Observer, addressOf } = require('./observer')
const { reportOf } = require('./report')
const { healthyAgain } = require('./rest')
const { plant } = require('./rig')
const { Visitors } = require('./visitors')
const { THROWN, followSoak, watchTroubles } = require('./troubles')

const { daemons, webhook, pagePort, rig } = JSON.parse(process.argv[2])
/** Until the calls under way have ended: a block is offered for half a minute. */
const LONGEST_CALL = 40000

const troubles = watchTroubles()
const takeLeave = followSoak()
const addresses = daemons.map(addressOf)
const EXTRAS = { webhook, status: { port: pagePort } }
const BEST = { fallback: 'best', failback: 1000 }
const steady = new MultiDaemon(configOf(daemons, EXTRAS))
const best = new MultiDaemon(configOf(daemons, BEST))
const observers = [new Observer('the first instance', steady, addresses), new Observer('the second instance', best, addresses)]
const hands = [new Hand(steady, daemons, EXTRAS), new Hand(best, daemons, BEST)]
const visitors = new Visitors(pagePort)
const instances = new Instances(daemons, EXTRAS)
const turns = new Turns(() => {
  observers.forEach(observer => observer.look())
  instances.all.forEach(instance => instance.getDaemon())
})
const calls = new Calls(() => turns.late)
const counts = { refreshes: 0, threads: 0 }

for (const event of EVENTS) best.on(event, () => { throw new Error(THROWN) })

const ORDERS = {
  make: dice => instances.make(dice),
  stop: () => instances.stop(),
  drop: () => instances.drop(),
  refresh (dice) {
    const times = 1 + dice.below(50)
    counts.refreshes += times
    for (let time = 0; time < times; time++) for (const each of [steady, best, ...instances.all]) each.refresh()
  },
  calls (dice) {
    for (let times = dice.below(20); times > 0; times--) calls.read(dice.oneOf([steady, best]), dice)
  },
  submit: dice => calls.submit(dice.oneOf([steady, best]), dice),
  drain: dice => dice.oneOf(hands).drain(dice),
  pin: dice => dice.oneOf(hands).pin(dice),
  reconfigure: dice => dice.oneOf(hands).reconfigure(dice),
  visit: dice => visitors.come(dice),
  block: dice => block(dice.between(100, 700)),
  thread: dice => runThread(dice.between(0, 600))
}

process.on('message', async message => {
  const dice = new Dice(seededRandom(message.dice))
  if (message.order === 'rest') process.send(await rest())
  else if (message.order === 'end') await end()
  else await ORDERS[message.order](dice)
})

/** The event loop stands still. */
function block (milliseconds) {
  const until = now() + milliseconds
  while (now() < until);
}

/** A thread that embeds the addon, and is ended wherever it is. */
async function runThread (milliseconds) {
  counts.threads++
  const source = `new (require(${JSON.stringify(require.resolve('../..'))}).MultiDaemon)(${JSON.stringify(configOf(daemons))}).ready.then(() => {})`
  const thread = new Worker(source, { eval: true })
  thread.on('error', error => troubles.list.push(`a thread failed: ${error.stack}`))
  await sleep(milliseconds)
  await thread.terminate()
}

/** Everything is well: nothing may be left of what was. */
async function rest () {
  const began = now()
  hands.forEach(hand => hand.release())
  visitors.leave()
  await instances.stopAll()
  const recovered = Math.max(...await Promise.all([steady, best].map(each => healthyAgain(each, turns, text => troubles.list.push(text)))))
  while (calls.outstanding > 0 && now() - began < LONGEST_CALL) await sleep(20)
  if (calls.outstanding > 0) troubles.list.push(`${calls.outstanding} calls have not ended after ${LONGEST_CALL} ms`)
  plant(rig)
  const { made, stopped, dropped } = instances
  const { answered, failed, blocks, longest } = calls
  return {
    ...reportOf({ observers, turns, troubles, calls }),
    recovered,
    samples: { 'lone process': await sample() },
    counts: { ...counts, made, stopped, dropped, answered, failed, blocks, visits: visitors.answered, thrown: troubles.thrown },
    longest: { call: longest }
  }
}

/** From here on the process has to end by itself. */
async function end () {
  turns.stop()
  await Promise.all([steady.stop(), best.stop()])
  takeLeave()
}
