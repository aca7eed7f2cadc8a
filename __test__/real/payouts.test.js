'use strict'

// A pool's payouts: a real wallet service asks through the gateway, and pays while the monerod in use dies, hangs, or is on a fork.
// One network, one pool and one wallet service serve all tests; each begins with the primary in use.

const assert = require('node:assert/strict')
const { after, before, beforeEach, describe, test } = require('node:test')
const { MoneroNetwork } = require('../support/monero-network')
const { Pool } = require('../support/monero-pool')
const { MONERO_WALLET_RPC, MoneroWallet } = require('../support/monero-wallet')
const { MONEROD } = require('../support/monerod')
const { freePorts } = require('../support/ports')
const { until } = require('../support/until')

/** Every wait inside has its own, shorter limit, which says what was awaited. */
const LIMIT = { timeout: 240000 }
/** The chain to pay with takes the processor half a minute, and longer beside other work. */
const SETUP_LIMIT = { timeout: 600000 }
/** What a miner gets can be spent 60 blocks later, and a payment hides among 15 others that can be. */
const BLOCKS_TO_PAY_WITH = 80
/** So many with one request, which must not take long on a busy machine. */
const AT_ONCE = 10
/** How often all tests together pay. */
const PAYMENTS = 7

const MISSING = !(MONEROD && MONERO_WALLET_RPC) && 'monerod or monero-wallet-rpc is not on the PATH (Debian: apt-get install monero)'

describe('payouts', { skip: MISSING }, () => {
  let network, pool, wallet, receiver
  let primary, others
  /** What the wallet service said that it paid. @type {Array<{ hash: string, amount: number }>} */
  const payments = []

  before(async () => {
    network = await MoneroNetwork.start(4)
    ;[primary, ...others] = network.daemons
    const [port] = await freePorts(1)
    pool = new Pool(network.daemons, { pollingInterval: 500, failback: 1, gateway: { port } })
    await pool.multi.ready
    wallet = await MoneroWallet.start({ host: '127.0.0.1', port })
    receiver = await wallet.create('receiver')
    const miner = await wallet.create('pool')
    for (let mined = 0; mined < BLOCKS_TO_PAY_WITH; mined += AT_ONCE) await network.mine(AT_ONCE, network.daemons, miner)
  }, SETUP_LIMIT)

  beforeEach(async () => {
    await network.restore()
    await pool.until('all daemons are healthy, and the primary is used', () => pool.inUse === 0 && pool.states().every(state => state === 'healthy'))
    await assertSynced(primary)
  }, LIMIT)

  after(async () => {
    await Promise.all([wallet && wallet.remove(), pool && pool.stop()])
    if (network) await network.remove()
  }, LIMIT)

  test('the daemon in use is killed: what it took is not lost with it, and payments go on', LIMIT, async () => {
    await pay()
    // At the moment when nobody else may have the payment yet, and the wallet perhaps not its answer.
    const paying = pay()
    await until('the primary has the next payment', () => primary.waiting(), hashes => hashes.length > 1)
    await primary.kill()
    await paying
    await pay()
    await pool.until('the pool has left the primary', () => pool.inUse !== 0)
    await confirm(others)
    await assertSynced(others[0])
  })

  test('the daemon in use hangs: a payment under way is made all the same, once', LIMIT, async () => {
    const paying = pay()
    await primary.hang()
    await paying
    await pay()
    await pool.until('the pool has left the primary', () => pool.inUse !== 0)
    await confirm(others)
    await assertSynced(others[0])
    // What it was asked for meanwhile it does now.
    primary.wake()
    await network.reach(await others[0].tip())
  })

  test('the daemon in use is on a fork: what was paid there is in the majority\'s chain too', LIMIT, async () => {
    await network.partition([primary], others)
    await pay()
    await network.mine(2, [primary])
    assert.deepEqual((await primary.transactions()).slice(-1), [payments.at(-1).hash])
    // Its blocks are the only new ones so far, so the wallet reads them.
    await assertSynced(primary)

    await network.mine(3, others)
    await pool.until('the pool has left the fork', () => pool.of(primary).reason?.code === 'forked' && pool.inUse !== 0)
    await assertSynced(others[0])
    await pay()
    await confirm(others)
    await assertSynced(others[0])
  })

  test('in the end every payment was made exactly once, and the receiver has all of it', LIMIT, async () => {
    const hashes = payments.map(({ hash }) => hash).sort()
    assert.equal(new Set(hashes).size, PAYMENTS)
    for (const daemon of network.daemons) assert.deepEqual((await daemon.transactions()).sort(), hashes)
    for (const daemon of network.daemons) assert.deepEqual(await daemon.waiting(), [])

    const sent = await wallet.transfers('out', 'pending', 'failed')
    assert.deepEqual(sent.map(({ txid }) => txid).sort(), hashes)
    assert.deepEqual(new Set(sent.map(({ type }) => type)), new Set(['out']))

    await wallet.open('receiver')
    await assertSynced(primary)
    const received = await wallet.transfers('in')
    const brief = (hash, amount) => `${hash} ${amount}`
    assert.deepEqual(received.map(({ txid, amount }) => brief(txid, amount)).sort(), payments.map(({ hash, amount }) => brief(hash, amount)).sort())
    const { balance } = await wallet.rpc('get_balance')
    assert.equal(balance, payments.reduce((sum, { amount }) => sum + amount, 0))
    assert.ok(wallet.running)
  })

  /** Pays the receiver another sum each time, once; an error of the wallet's ends the test. */
  async function pay () {
    const amount = 1e9 + ++pay.count
    payments.push({ hash: await wallet.pay(receiver, amount), amount })
  }
  pay.count = 0

  /** Mines until everything that was paid is in the chain of these, whichever of them knows of it. */
  async function confirm (daemons) {
    const missing = async () => {
      const [miner, ...rest] = daemons
      daemons = [...rest, miner]
      await network.mine(1, [miner, ...rest])
      const confirmed = await miner.transactions()
      return payments.filter(({ hash }) => !confirmed.includes(hash))
    }
    await until('all payments are in the chain', missing, rest => rest.length === 0)
  }

  /** The wallet knows the chain up to this daemon's top block. */
  async function assertSynced (daemon) {
    const { height } = await daemon.tip()
    await until(`the wallet knows block ${height}`, () => wallet.sync(), blocks => blocks === height + 1)
  }
})
