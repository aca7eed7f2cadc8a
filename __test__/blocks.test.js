'use strict'

// Blocks that are found while daemons die, hang and come back, each on the one before, as in a pool: none may be lost as long as
// one daemon on the branch is there, or is back soon.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { SimNetwork, blobs, sleep } = require('../sim')
const { seededRandom } = require('../sim/random')
const { configOf } = require('./support/pool')
const { ADDRESSES, submit } = require('./support/sim')
const { until } = require('./support/until')

/** A block is offered for half a minute, and there are some. */
const LIMIT = { timeout: 240000 }
/**
 * Daemons are judged many times while they change. What a live daemon may take is far more than it needs, and a slow
 * machine only has blocks offered once more.
 */
const RESTLESS = { pollingInterval: 100, timeout: 400, fallback: 'best' }
/** They take their time, and a block that comes from a pool and from peers at once damages their database. */
const REAL = { height: 50, propagation: 20, addTime: 50, firstAddTime: 700 }
/** All daemons are gone for that long, which is a small part of the time for which a block is offered. */
const DARKNESS = { shortest: 1000, longest: 2000 }
const PAUSE = 150
/** No miner may be without work for so long while a daemon answers. */
const SOON = { within: 30000 }

/** Finds blocks, and submits them in all ways in which a pool may. */
class Miner {
  constructor (multiDaemon) {
    Object.assign(this, { multiDaemon, found: 0, told: [] })
  }

  /** A block on the next template that the pool gets: like a pool it asks again where none comes. */
  async find () {
    const ask = () => this.multiDaemon.rpc('getblocktemplate', { reserve_size: 8, wallet_address: ADDRESSES['turtlecoin-0.28.3'] })
    const template = await until('a template', ask, ({ height }) => height, SOON)
    return { height: template.height, blob: blobs.withNonce(template.blocktemplate_blob, ++this.found) }
  }

  /** Notes what it is told. */
  async submit ({ height, blob }) {
    const { rpc } = this.multiDaemon
    const ways = [
      () => rpc('submitblock', [blob]),
      () => new Promise((resolve, reject) => rpc('submitblock', [blob], (error, result) => error ? reject(error) : resolve(result))),
      // The pool's own code.
      () => submit(this.multiDaemon.getStatus().gateway, blob, { timeout: 60000 }).then(({ error, result }) => error ? Promise.reject(error) : result)
    ]
    const result = await ways[this.told.length % ways.length]().catch(error => error)
    this.told.push({ height, status: result.status, error: result.message })
  }
}

/** What happens to daemons, the same in every run of a seed. */
class Mischief {
  constructor (daemons, seed) {
    this.daemons = daemons
    this.random = seededRandom(seed)
    this.ill = new Set()
  }

  /** One daemon dies or hangs, or is well again; the last one is left alone. */
  async step () {
    const daemon = this.pick(this.daemons)
    if (this.ill.has(daemon)) return this.heal(daemon)
    if (this.ill.size < this.daemons.length - 1) await this.harm(daemon)
  }

  /** None is left for a while; then one is back of those that were there. */
  async darkness (meanwhile) {
    const there = this.daemons.filter(daemon => !this.ill.has(daemon))
    for (const daemon of there) await this.harm(daemon)
    await meanwhile()
    await sleep(DARKNESS.shortest + this.random() * (DARKNESS.longest - DARKNESS.shortest))
    await this.heal(this.pick(there))
  }

  async harm (daemon) {
    this.ill.add(daemon)
    if (this.random() < 0.5) await daemon.crash()
    else daemon.hang()
  }

  async heal (daemon) {
    this.ill.delete(daemon)
    await daemon.recover()
  }

  async healAll () {
    for (const daemon of this.ill) await this.heal(daemon)
  }

  pick (things) {
    return things[Math.floor(this.random() * things.length)]
  }
}

/** Runs a test with a real watcher on a network of so many daemons. */
const withPool = (count, run) => async () => {
  const network = await SimNetwork.start(count, REAL)
  let multiDaemon
  try {
    multiDaemon = new MultiDaemon(configOf(network.daemons, RESTLESS))
    await multiDaemon.ready
    await multiDaemon.refresh()
    await run(multiDaemon, network)
    assert.equal(network.damaged, 0, 'no database is damaged')
  } finally {
    if (multiDaemon) await multiDaemon.stop()
    await network.close()
  }
}

/** The fates of all blocks, once each was seen in a chain. */
async function fatesOf (multiDaemon) {
  return until('every block was seen', () => multiDaemon.getStatus().blocks, blocks => blocks.every(({ hash }) => hash !== null), SOON)
}

/** Every block is in every daemon's chain, and was told as taken. */
async function hasAll (multiDaemon, network, miner) {
  const blocks = await fatesOf(multiDaemon)
  assert.deepEqual(miner.told.filter(({ status }) => status !== 'OK'), [])
  assert.deepEqual(blocks.map(({ told, orphaned }) => [told, orphaned]), miner.told.map(() => ['accepted', false]))
  assert.deepEqual(blocks.map(({ height }) => height), miner.told.map(({ height }) => height))
  await until('all daemons agree', () => network.daemons.map(({ tip }) => tip.hash), hashes => new Set(hashes).size === 1, SOON)
  const own = new Map(blocks.map(({ height, hash }) => [height, hash]))
  for (const daemon of network.daemons) {
    for (const [height, hash] of own) assert.equal(daemon.chain.byHeight(height).hash, hash, `${daemon.address} at ${height}`)
  }
}

describe('no found block is lost', () => {
  test('while daemons are killed, hung and restarted at random, at times all of them', LIMIT, withPool(4, async (multiDaemon, network) => {
    const [count, darkEvery] = [40, 10]
    const miner = new Miner(multiDaemon)
    const mischief = new Mischief(network.daemons, 7)
    for (let number = 1; number <= count; number++) {
      const block = await miner.find()
      let taken
      if (number % darkEvery === 0) {
        await mischief.darkness(() => { taken = miner.submit(block) })
      } else {
        taken = miner.submit(block)
        await sleep(mischief.random() * PAUSE)
        await mischief.step()
      }
      await taken
      // Another one on the same parent would take its place.
      await until(`block ${number} is the head`, () => multiDaemon.getStatus().head.height, height => height === block.height, SOON)
    }
    await mischief.healAll()
    await hasAll(multiDaemon, network, miner)
  }))

  for (const [when, isGivenUp] of [['they go', () => true], ['they are given up', ({ healthy }) => healthy <= 1]]) {
    test(`that is submitted when ${when}, while the only daemon that answers is on another chain and refuses, until one of the others is back`, LIMIT,
      withPool(4, async (multiDaemon, network) => {
        const [primary, ...branch] = network.daemons
        network.partition(primary)
        network.mine(3)
        await until('a daemon on the branch is used', () => multiDaemon.getDaemon().port, port => branch.some(daemon => daemon.port === port), SOON)
        const miner = new Miner(multiDaemon)
        const block = await miner.find()
        const mischief = new Mischief(branch, 11)
        let taken
        await mischief.darkness(async () => {
          await until('the others are given up', () => multiDaemon.getStatus(), isGivenUp, SOON)
          taken = miner.submit(block)
        })
        await taken
        await mischief.healAll()
        assert.deepEqual(miner.told, [{ height: block.height, status: 'OK', error: undefined }])
        await until('all on the branch have it', () => branch.map(({ tip }) => tip.height), heights => heights.every(height => height === block.height), SOON)
        const [{ told, hash }, ...others] = await fatesOf(multiDaemon)
        assert.deepEqual([told, others, branch.map(({ tip }) => tip.hash)], ['accepted', [], branch.map(() => hash)])
      }))
  }
})
