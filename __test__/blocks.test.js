'use strict'

// Blocks that are found while daemons die, hang and come back: none may be lost as long as one on the branch is there,
// or is back soon.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { SimNetwork, blobs, sleep, until } = require('../sim')
const { seededRandom } = require('../sim/random')
const { LIMIT, configOf } = require('./support/pool')

/**
 * Daemons are judged many times while they change. What a live daemon may take is far more than it needs, and a slow
 * machine only has blocks offered once more.
 */
const RESTLESS = { pollingInterval: 100, timeout: 400, rpcTimeout: 1000 }
/** All daemons are gone for that long, which is a small part of the time for which a block is offered. */
const DARKNESS = { shortest: 1000, longest: 2000 }
const PAUSE = 60

/** Finds blocks on one network, and knows of each what became of it. */
class Miner {
  constructor (multiDaemon, { blocktemplate_blob: template }) {
    Object.assign(this, { multiDaemon, template, blocks: [] })
  }

  /** Submits blocks at the same time in all ways in which a pool may, and does not wait for them. */
  find (count) {
    const { rpc, submitBlock } = this.multiDaemon
    const ways = [
      submitBlock,
      blob => rpc('submitblock', [blob]),
      blob => new Promise((resolve, reject) => rpc('submitblock', [blob], (error, result) => error ? reject(error) : resolve(result)))
    ]
    for (let found = 0; found < count; found++) {
      const number = this.blocks.length
      const blob = blobs.withNonce(this.template, number)
      const outcome = ways[number % ways.length](blob).then(() => null, error => error.message)
      this.blocks.push({ blob, outcome })
    }
  }

  /** What is lost, and why, once all is settled. @param {import('../sim').SimDaemon[]} daemons  where blocks ought to be */
  async lost (daemons) {
    const errors = await Promise.all(this.blocks.map(({ outcome }) => outcome))
    const submitted = new Set(daemons.flatMap(daemon => daemon.submitted))
    const fates = this.blocks.map(({ blob }, number) => errors[number] || (submitted.has(blob) ? null : 'no daemon has it'))
    return fates.map((fate, number) => fate && `block ${number}: ${fate}`).filter(Boolean)
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

  /** None is left for a while; those that hang as well as those that are dead. */
  async darkness (meanwhile) {
    for (const daemon of this.daemons) if (!this.ill.has(daemon)) await this.harm(daemon)
    await meanwhile()
    await sleep(DARKNESS.shortest + this.random() * (DARKNESS.longest - DARKNESS.shortest))
    await this.heal(this.pick(this.daemons))
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
async function withPool (count, run) {
  const network = await SimNetwork.start(count, { height: 50 })
  let multiDaemon
  try {
    multiDaemon = new MultiDaemon(configOf(network.daemons, RESTLESS))
    await multiDaemon.ready
    await run(multiDaemon, network)
  } finally {
    if (multiDaemon) await multiDaemon.stop()
    await network.close()
  }
}

const template = multiDaemon => multiDaemon.rpc('getblocktemplate', { reserve_size: 8, wallet_address: 'T'.repeat(99) })

describe('no found block is lost', () => {
  test('1,000 blocks while daemons are killed, hung and restarted at random, at times all of them', LIMIT, () =>
    withPool(4, async (multiDaemon, network) => {
      const [batches, size, darkEvery] = [50, 20, 10]
      const miner = new Miner(multiDaemon, await template(multiDaemon))
      const mischief = new Mischief(network.daemons, 7)
      for (let batch = 1; batch <= batches; batch++) {
        if (batch % darkEvery === 0) await mischief.darkness(() => miner.find(size))
        else miner.find(size)
        await mischief.step()
        await sleep(mischief.random() * 2 * PAUSE)
        network.mine()
      }
      await mischief.healAll()
      assert.equal(miner.blocks.length, 1000)
      assert.deepEqual(await miner.lost(network.daemons), [])
    }))

  test('while the only daemon that answers is on another chain and refuses, until one of the others is back', LIMIT, () =>
    withPool(4, async (multiDaemon, network) => {
      const [primary, ...branch] = network.daemons
      network.partition(primary)
      network.mine(3)
      const miner = new Miner(multiDaemon, await templateOf(branch[0], multiDaemon))
      const mischief = new Mischief(branch, 11)
      await mischief.darkness(async () => {
        miner.find(10)
        await until(() => multiDaemon.getStatus().healthy <= 1, { what: 'the others are given up', timeout: 30000 })
        miner.find(10)
      })
      await mischief.healAll()
      assert.deepEqual(await miner.lost(branch), [])
    }))
})

/** A template on the branch of one daemon, once the watcher uses a daemon on it. */
async function templateOf (daemon, multiDaemon) {
  for (;;) {
    const answer = await template(multiDaemon)
    if (answer.blocktemplate_blob.includes(daemon.tip.hash)) return answer
    await multiDaemon.refresh()
  }
}
