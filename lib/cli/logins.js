'use strict'

const { blockOf } = require('../config')

/** The `login` that the configuration gives for a daemon of its status, as "user:password"; null where it gives none. */
function loginOf (config, { host, port }) {
  const entries = [config.daemon].concat(blockOf(config).daemons)
  // The first entry counts: a primary that is listed again is one daemon.
  const entry = entries.find(entry => hostIn(entry) === host && Number(entry.port) === port)
  return entry && typeof entry.login === 'string' ? entry.login : null
}

/** As a status has it: in lower case, without brackets. */
function hostIn ({ host }) {
  return String(host).toLowerCase().replace(/^\[(.*)\]$/, '$1')
}

/** The header that shows a login to a server that asked for HTTP Basic; null for one that asked for anything else, and so must not see the password. */
function basicFor (login, challenge) {
  const wantsBasic = /(?:^|,)\s*basic(?:\s|,|$)/i.test(challenge || '')
  return login !== null && wantsBasic ? `Basic ${Buffer.from(login).toString('base64')}` : null
}

module.exports = { basicFor, loginOf }
