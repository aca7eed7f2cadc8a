'use strict'

const { nameOfProcess, troubleOf } = require('../unheard')
const { blockOf } = require('../config')
const { nameOf } = require('../name')
const { optionOf } = require('../options')

/** Where the gateway and the pool are. */
const HERE = '127.0.0.1'
/** Addresses to listen at, but not to connect to. */
const ANYWHERE = ['0.0.0.0', '::']
/** The time that a pool is not on the best block, in per cent of the simulated weeks: see docs/evidence.md. */
const OFF_THE_BEST_BLOCK = { primary: 0.41, best: 0.11 }

/**
 * What goes on depending on one daemon, or on luck, though nothing is wrong: sentences without an end.
 * @param {object} seen
 * @param {object} seen.config  the pool's
 * @param {object} seen.status
 * @param {object | null} [seen.edits]  what the pool's sources lack, where they are beside the configuration
 * @param {object | null} [seen.pool]  the status of the pool that runs
 * @param {number[]} [seen.started]  processes of the pool that are older than its init.js
 * @param {number} now  milliseconds since 1970
 */
function unprotected ({ config, status, edits, pool, started = [] }, now) {
  const block = blockOf(config)
  return [wallet(config, block), fallback(block), fewDaemons(status, block), noGateway(block), noNewWork(edits), onlyOneAnother(status, block)]
    .concat(old(started), processes(pool, now)).filter(Boolean)
}

/** That a pool is not attached at all has to be fixed. */
function noNewWork (edits) {
  if (!edits || !edits.attached || edits.files.concat(edits.obstacles).length === 0) return null
  const places = edits.obstacles.length > 0 ? edits.obstacles.join('; ') : edits.files.join(', ')
  return `miners right after a fork: without the edits of a ${edits.pool} (${places}) they get no new work then; the command edits tells more`
}

function old (started) {
  if (started.length === 0) return null
  return `the pool that runs: ${started.length === 1 ? 'its process' : 'its processes'} ${started.join(', ')} started before init.js was last changed; restart the pool, its master included`
}

function processes (pool, now) {
  const all = pool && pool.processes ? pool.processes : []
  return all.map(process => [process, troubleOf(process, now)]).filter(([, trouble]) => trouble).map(([process, trouble]) => `${nameOfProcess(process)}: it ${trouble}; restart the pool`)
}

/** The pool's configuration names the wallet service, and never the daemon that the wallet service asks. A pool that does not pay asks nobody. */
function wallet ({ wallet, payments }, { gateway }) {
  if (typeof wallet !== 'object' || wallet === null) return null
  if (typeof payments === 'object' && payments !== null && !payments.enabled) return null
  const name = typeof wallet.host === 'string' ? `the wallet service at ${nameOf(wallet)}` : 'the wallet service'
  return `payouts, unless ${name} was started with its daemon set to the gateway, ${placeOf(gateway)}; this file does not show it`
}

function placeOf (gateway) {
  if (gateway === false) return 'which is off here: leave out "gateway": false, and give it a fixed port'
  const { host = HERE, port } = typeof gateway === 'object' && gateway !== null ? gateway : {}
  if (!Number(port)) return 'which needs a fixed port for that, such as "gateway": { "port": 11897 }'
  return nameOf({ host: ANYWHERE.includes(host) ? HERE : host, port })
}

function fallback (block) {
  if (optionOf(block, 'fallback') !== 'primary') return null
  const { primary, best } = OFF_THE_BEST_BLOCK
  return `a pool with fewer than ${optionOf(block, 'minHealthy')} healthy daemons: "fallback": "primary" stays with the primary then, even if that is down or on a fork; ` +
    `in simulated weeks such pools were off the best block for ${primary} % of the time, with "best" for ${best} %`
}

function fewDaemons ({ daemons }, block) {
  const minHealthy = optionOf(block, 'minHealthy')
  const { length } = daemons.filter(({ drained }) => !drained)
  if (length > minHealthy) return null
  return `anything after one failure: of ${length} daemons, fewer than ${minHealthy} are healthy then, and they are not compared any more`
}

/** Every connection may be one to another daemon of the list: nothing then proves that they are on the network. */
function onlyOneAnother ({ daemons }, block) {
  if (optionOf(block, 'minOutsidePeers') === 0 || daemons.length < 2) return null
  const canBeOutside = ({ incoming, outgoing }) => !Number.isInteger(incoming) || !Number.isInteger(outgoing) || Math.max(incoming, outgoing) >= daemons.length
  if (daemons.some(canBeOutside)) return null
  return 'anything, once the pool has run for two block times: each daemon has so few peers that they may all be daemons of this list, and such daemons become isolated; ' +
    'give them peers outside, or set minOutsidePeers to 0 on a private network'
}

function noGateway ({ gateway }) {
  if (gateway !== false) return null
  return 'requests under way: with "gateway": false nothing rescues one that hangs, and a block that was found is offered to one daemon only'
}

module.exports = { OFF_THE_BEST_BLOCK, unprotected }
