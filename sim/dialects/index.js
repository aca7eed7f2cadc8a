'use strict'

/**
 * How one family of daemons talks: `answer` gives the reply to an exchange from what the daemon knows. A new family is
 * one more file here.
 * @typedef {{ name: string, answer: (daemon: import('../daemon').SimDaemon, exchange: import('../exchange').Exchange) => import('../exchange').Reply }} Dialect
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
