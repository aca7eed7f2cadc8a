'use strict'

const { faults } = require('../sim')
const { OPTIONS } = require('./settings')

/**
 * What can be wrong with one daemon. While it is `dead` no poll of it can succeed. Of the others, the world sees by its
 * chain whether it is astray.
 * @typedef {{ dead?: boolean, begin: (daemon: import('../sim').SimDaemon) => unknown }} Ill
 */

/** @returns {Ill} every request meets the fault */
const broken = fault => ({ dead: true, begin: daemon => daemon.behave(fault) })

const HEADERS = ['getlastblockheader', '/block/last']
const NOTHING_ELSE_COMES = 10 * OPTIONS.timeout

/** Begins a reply, and resets the connection. @type {faults.Fault} */
const resetMidBody = exchange => {
  exchange.response.writeHead(200, { 'Content-Length': 100000 })
  exchange.response.write('{"height":', () => exchange.reset())
}

/** Bytes of another protocol. @type {faults.Fault} */
const noHttp = ({ request }) => { request.socket.end('\x16\x03\x01\x02\x00220 mail.example ESMTP\r\n') }

const withHeight = height => faults.rewrite(function set (body) {
  for (const [key, value] of Object.entries(body)) {
    if (value && typeof value === 'object') set(value)
    else if (key === 'height') body[key] = height
  }
  return body
})

/** @type {Record<string, Ill>} */
const ILLS = {
  crash: { dead: true, begin: daemon => daemon.crash() },
  hang: broken(faults.hang),
  'half a hang': broken(faults.only(HEADERS, faults.hang)),
  slow: broken(faults.slow(NOTHING_ELSE_COMES)),
  drip: broken(faults.drip(100)),
  reset: broken(faults.reset),
  'reset in a reply': broken(resetMidBody),
  '50 MB': broken(faults.huge()),
  'headers without end': broken(faults.endlessHeaders),
  HTML: broken(faults.html),
  'no HTTP': broken(noHttp),
  'half a JSON text': broken(faults.truncated),
  'a negative height': broken(faults.negativeHeight),
  'a height of 2^53': broken(withHeight(2 ** 53)),
  'a height that is text': broken(withHeight('\u0000'.repeat(5000))),
  'status 500': broken(faults.status(500)),
  'a redirect': broken(faults.redirect('http://127.0.0.1:9/')),
  busy: { dead: true, begin: daemon => daemon.busy() },
  'every second poll': { begin: daemon => daemon.behave(faults.everySecondPoll()) },
  'a little slow': { begin: daemon => daemon.behave(faults.slow(OPTIONS.timeout / 8)) },
  'a lag of 1': { begin: daemon => daemon.lag(1) },
  'a lag of 6': { begin: daemon => daemon.lag(6) },
  'a still stand': { begin: daemon => daemon.freeze() },
  'a still stand while its network goes on': { begin: daemon => daemon.freeze({ networkHeight: 'rising' }) },
  'a lie of a million blocks': { begin: daemon => daemon.lie() },
  'a lie of 10 blocks': { begin: daemon => daemon.lie(10) },
  'a poisoned network height': { begin: daemon => daemon.poison(1000) }
}

module.exports = { ILLS }
