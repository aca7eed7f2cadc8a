'use strict'

// A pool's worker: attaches, and sends requests of its own as pools do, without a time limit, over Node's global agent.

const http = require('node:http')
const { setTimeout: sleep } = require('node:timers/promises')
const { attach } = require('../..')
const { seededRandom } = require('../../sim/random')
const { now } = require('../clock')
const { REQUEST } = require('../limits')
const Dice = require('../dice')
const { ADDRESS, configOf } = require('../settings')
const { Hand } = require('./hand')
const { Turns, sample } = require('./meter')
const { Observer, addressOf } = require('./observer')
const { reportOf } = require('./report')
const { watchTroubles } = require('./troubles')

const { daemons } = JSON.parse(process.argv[2])
const REQUEST_EVERY = 50
/** Until a worker says what its master says, on a machine that is busy with other things. */
const LONGEST_DISAGREEMENT = 30000
const BODY = JSON.stringify({ id: '0', jsonrpc: '2.0', method: 'getblocktemplate', params: { wallet_address: ADDRESS, reserve_size: 8 } })

const troubles = watchTroubles()
const config = configOf(daemons)
const multiDaemon = attach(config, { log: () => {} })
const observers = [new Observer(`worker ${process.pid}`, multiDaemon, daemons.map(addressOf))]
const hand = new Hand(multiDaemon, daemons)
let isReady = false
const turns = new Turns(() => {
  if (isReady) observers.forEach(observer => observer.look())
  else multiDaemon.getDaemon()
})
let [requests, longest, isPaused, isAsking] = [0, 0, false, false]

/** One request after the other, the next in the reply's callback: one that never ends would be the last. */
function ask () {
  isAsking = !isPaused
  if (isPaused) return
  const [began, lateBefore] = [now(), turns.late]
  requests++
  send(() => {
    const took = now() - began - (turns.late - lateBefore)
    longest = Math.max(longest, took)
    if (took > REQUEST) troubles.list.push(`a request of the pool's own took ${Math.round(took)} ms, and may take ${REQUEST}`)
    setTimeout(ask, REQUEST_EVERY)
  })
}

/** As in the pools, which read their configuration at every request. */
function send (done) {
  const { host, port } = config.daemon
  let ended = false
  const end = () => {
    if (!ended) done()
    ended = true
  }
  const request = http.request({
    host, port, method: 'POST', path: '/json_rpc', headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(BODY) }
  }, response => {
    response.on('data', () => {})
    response.on('end', end)
    response.on('error', end)
  })
  request.on('error', end)
  request.end(BODY)
}

const ORDERS = {
  fall: () => process.exit(1),
  block ({ lasts }) {
    const until = now() + lasts
    while (now() < until);
  },
  refresh: () => multiDaemon.refresh(),
  drain: ({ dice }) => hand.drain(new Dice(seededRandom(dice))),
  pin: ({ dice }) => hand.pin(new Dice(seededRandom(dice))),
  junk ({ dice }) {
    for (const message of junk(new Dice(seededRandom(dice)))) process.send(message)
  },
  rest: message => rest(message)
}

process.on('message', message => {
  if (message && Object.hasOwn(ORDERS, message.soak)) ORDERS[message.soak](message)
})
process.on('disconnect', () => process.exit())

/** What a pool of another version may send to its master. */
function junk (dice) {
  const shapes = [
    { type: 'multiDaemon' }, { type: 'multiDaemon', kind: 'drain', host: {}, port: 1, drained: true }, { type: 'multiDaemon', kind: 'refresh', request: -1.5 },
    { type: 'multiDaemon', kind: 'refresh', request: dice.below(2 ** 32) }, { type: 'multiDaemon', kind: 'drain', host: '192.0.2.1', port: dice.below(70000), drained: true },
    { type: 'multiDaemon', kind: 'drain', host: 'nowhere', port: 1, drained: true }, { type: 'multiDaemon', kind: 'pin', host: '127.0.0.1', port: 1, milliseconds: -1 },
    { type: 'multiDaemon', kind: 'state', source: 'a worker', interval: 1, ready: true, status: null }, { type: 'banIP', ip: '192.0.2.1' }, [], 'text', 7
  ]
  return dice.some(shapes, 1 + dice.below(shapes.length))
}

async function rest ({ daemon, isSpared }) {
  const deadline = now() + LONGEST_DISAGREEMENT
  while (addressOf(multiDaemon.getDaemon()) !== daemon && now() < deadline) await sleep(20)
  const own = addressOf(multiDaemon.getDaemon())
  if (own !== daemon) troubles.list.push(`a worker uses ${own} while its master uses ${daemon}`)
  isPaused = true
  while (isAsking) await sleep(20)
  const report = { soak: 'rested', ...reportOf({ observers, turns, troubles }), requests, longest, ...isSpared && { sample: await sample() } }
  requests = 0
  isPaused = false
  ask()
  process.send(report)
}

ask()
process.send({ soak: 'up' })
// What the master left in the environment does not tell what is pinned.
multiDaemon.ready.then(() => { isReady = true })
