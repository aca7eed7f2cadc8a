'use strict'

const { createHmac, randomBytes, timingSafeEqual } = require('crypto')
const { isIP } = require('net')

const Guesses = require('./guesses')

/** Milliseconds after which a wrong password is told. */
const WRONG_PASSWORD_TAKES = 1000
/** Seconds after which those that were sent away unheard may come again. */
const COME_AGAIN_AFTER = 10
const ASK = { 'WWW-Authenticate': 'Basic realm="multiDaemon", charset="UTF-8"' }

/**
 * Decides who may.
 *
 * With a password, everything but the probes takes it. Without one, everybody on this machine may read, and nobody may order.
 */
class Gate {
  constructor (password) {
    this.key = randomBytes(32)
    this.password = password ? this.digest(password) : null
    this.guesses = new Guesses()
  }

  /** Milliseconds until it is this request's turn to be looked at; null where too many from its address wait already. */
  turn ({ headers, socket }, route) {
    const gives = this.password && !route.isProbe && passwordIn(headers.authorization) !== null
    return gives ? this.guesses.turn(socket.remoteAddress) : 0
  }

  /** What is told to those whose turn does not come. */
  get crowded () {
    return { status: 429, text: 'too many wrong passwords from this address; try again later', headers: { 'Retry-After': COME_AGAIN_AFTER } }
  }

  /** Why a request is not answered, if so: `{ status, text, headers, delay }`. */
  refuse (request, route) {
    if (route.isProbe) return null
    const refusal = this.password ? this.refuseStranger(request) : refuseOtherName(request)
    if (refusal || request.method !== 'POST') return refusal
    return this.refuseOrder(request)
  }

  refuseStranger ({ headers, socket }) {
    const given = passwordIn(headers.authorization)
    if (given === null) return { status: 401, text: 'this path needs the password of multiDaemon.status', headers: ASK }
    if (timingSafeEqual(this.digest(given), this.password)) return null
    this.guesses.wrong(socket.remoteAddress)
    return { status: 401, text: 'the password is wrong', headers: ASK, delay: WRONG_PASSWORD_TAKES }
  }

  /** A browser sends the password along with whatever another site makes it send. */
  refuseOrder ({ headers }) {
    if (!this.password) return { status: 403, text: 'orders need a password: set one in multiDaemon.status' }
    if (isFromThisPage(headers)) return null
    return { status: 403, text: 'this page accepts orders only from itself, not from other sites (does a proxy change the Host header?)' }
  }

  /** Digests are of one length, so that comparing them takes one time, and the key makes them useless elsewhere. */
  digest (text) {
    return createHmac('sha256', this.key).update(text).digest()
  }
}

/** A site could give its own name this machine's address, and read through its visitor's browser. */
function refuseOtherName ({ headers: { host } }) {
  if (host === undefined || isOwnName(host.replace(/:\d+$/, '').toLowerCase())) return null
  return { status: 421, text: 'without a password in multiDaemon.status this page answers only at an IP address or localhost, not at another host name' }
}

function isOwnName (host) {
  return host === 'localhost' || host.endsWith('.localhost') || isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** What browsers tell about the page that made them send a request; other programs tell nothing, and need not. */
function isFromThisPage (headers) {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin, host } = headers
  return origin === undefined || origin.replace(/^https?:\/\//, '') === host
}

/** For people `Basic` with any user name, for scrapers `Bearer`; null where there is neither. */
function passwordIn (authorization) {
  const [, scheme, value] = /^(Basic|Bearer) +([^ ]+) *$/i.exec(authorization || '') || []
  if (!scheme) return null
  if (scheme.toLowerCase() === 'bearer') return value
  const pair = Buffer.from(value, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

module.exports = Gate
