'use strict'

/** A daemon as people and logs call it: `host:port`, an IPv6 address in brackets. */
function nameOf ({ host, port }) {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function isSame (one, other) {
  return one.host === other.host && one.port === other.port
}

module.exports = { isSame, nameOf }
