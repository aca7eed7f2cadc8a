'use strict'

const { now } = require('../clock')
const { REQUEST } = require('../limits')
const { ADDRESS } = require('../settings')

const READS = [
  ['getblocktemplate', { wallet_address: ADDRESS, reserve_size: 8 }],
  ['getlastblockheader', {}],
  ['getblockheaderbyheight', { height: 1000 }],
  ['getblockcount', undefined],
  ['get_info', undefined],
  ['nosuchmethod', { anything: [1, null] }]
]

/** A pool's requests through the addon: each has to end, once, in time, and with an error that a pool can understand. */
class Calls {
  /** @param {() => number} lateness  milliseconds that this process has been late so far, all together */
  constructor (lateness) {
    Object.assign(this, { lateness, outstanding: 0, answered: 0, failed: 0, blocks: 0, longest: 0, troubles: [] })
  }

  read (multiDaemon, dice) {
    const [method, params] = dice.oneOf(READS)
    const end = this.#begin(method, REQUEST)
    if (dice.chance(0.5)) multiDaemon.rpc(method, params, end)
    else multiDaemon.rpc(method, params).then(result => end(null, result), end)
  }

  /** A block on the newest template that can be had. */
  async submit (multiDaemon, dice) {
    const template = await multiDaemon.rpc(...READS[0]).catch(() => null)
    if (!template || typeof template.blocktemplate_blob !== 'string') return
    const blob = withNonce(template, dice.below(2 ** 32))
    const end = this.#begin('submitblock', Infinity)
    const took = result => {
      this.blocks++
      end(null, result)
    }
    multiDaemon.rpc('submitblock', [blob]).then(took, end)
  }

  #begin (method, longest) {
    const [began, lateBefore] = [now(), this.lateness()]
    let ends = 0
    this.outstanding++
    return error => {
      if (++ends > 1) return this.troubles.push(`${method} called back ${ends} times`)
      this.outstanding--
      const took = now() - began - (this.lateness() - lateBefore)
      if (longest < Infinity) this.longest = Math.max(this.longest, took)
      if (took > longest) this.troubles.push(`${method} took ${Math.round(took)} ms, and may take ${longest}`)
      if (!error) this.answered++
      else this.#fail(method, error)
    }
  }

  #fail (method, error) {
    this.failed++
    const isOurs = !(error instanceof Error) || /^ERR_MULTI_DAEMON_RPC_/.test(error.code) || typeof error.code === 'number'
    if (!isOurs) this.troubles.push(`${method} failed with ${error.stack}`)
  }
}

/** The block that a miner would have found: the template with other bytes where a pool may write. */
function withNonce ({ blocktemplate_blob: blob, reserved_offset: offset }, nonce) {
  return blob.slice(0, 2 * offset) + nonce.toString(16).padStart(8, '0') + blob.slice(2 * offset + 8)
}

module.exports = { Calls }
