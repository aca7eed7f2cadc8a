'use strict'

/**
 * @typedef {import('../exchange').Exchange} Exchange
 * @typedef {import('../exchange').Reply} Reply
 *
 * How one family of daemons talks. A new family is one more file here.
 * @typedef {object} Dialect
 * @property {string} name
 * @property {(daemon: import('../daemon').SimDaemon, exchange: Exchange) => Reply | Promise<Reply>} answer  the reply to
 * an exchange from what the daemon knows; a promise only where it takes time, which adding a block does
 * @property {(rpc?: object) => import('./reply').Envelope} envelope  for the answer to a JSON-RPC request, or to none
 * @property {(method: string) => string} [canonical]  the first name of a method that has several
 * @property {boolean} hasLock  see IntakeOptions
 * @property {boolean} needsSync  gives no work, and takes no block, while it knows less than its peers say that there is
 */

/** @type {Dialect[]} */
const DIALECTS = [require('./turtlecoin'), require('./turtlecoin-legacy'), require('./turtlecoin-1.0'), require('./monerod')]

/** @param {string} name @returns {Dialect} */
function dialectNamed (name) {
  const dialect = DIALECTS.find(each => each.name === name)
  if (!dialect) throw new TypeError(`no dialect '${name}'; there are ${DIALECTS.map(each => each.name).join(', ')}`)
  return dialect
}

module.exports = { DIALECTS, dialectNamed }
