'use strict'

const { once } = require('node:events')
const brokenHttp = require('./broken-http')
const { textOf } = require('./exchange')
const { sleep } = require('./wait')

/**
 * What may go wrong between a question and its answer. A fault gets the exchange and answers it in its own way; anything
 * of this type will do, so a test can bring one of its own.
 * @typedef {(exchange: import('./exchange').Exchange) => unknown} Fault
 */

const JSON_TYPE = 'application/json'
const ONE_MEGABYTE = 'x'.repeat(1024 * 1024)

/** Accepts and never answers. Answers what is still waiting when the daemon recovers, like a process that was stopped. @param {import('./exchange').Exchange} exchange */
const hang = async exchange => {
  await exchange.daemon.recovery
  exchange.send()
}

/** Ends the connection without an answer. @type {Fault} */
const reset = exchange => exchange.reset()

/** Answers truly, but so many milliseconds late. @returns {Fault} */
const slow = milliseconds => async exchange => {
  await sleep(milliseconds, undefined, { ref: false })
  exchange.send()
}

/** Does at once what it is asked, and answers so many milliseconds late. @returns {Fault} */
const late = milliseconds => async exchange => {
  const reply = await exchange.truth()
  await sleep(milliseconds, undefined, { ref: false })
  exchange.send(reply)
}

/** Does what it is asked, and ends the connection without an answer. @param {import('./exchange').Exchange} exchange */
const lost = async exchange => {
  await exchange.truth()
  exchange.reset()
}

/** Answers with a fixed reply. @returns {Fault} */
const answer = (body, { status = 200, type = JSON_TYPE } = {}) => exchange => exchange.send({ status, type, body })

/** Answers with an HTTP status and nothing else. @returns {Fault} */
const status = code => exchange => exchange.send({ status: code })

/**
 * Lets one request through in so many milliseconds, and some at once after a rest (a token bucket, as proxies have it). All else is told to come
 * later.
 * @param {number} every
 * @param {{ burst?: number, status?: number, retryAfter?: string }} [options]
 * @returns {Fault}
 */
const limited = (every, { burst = 1, status = 429, retryAfter } = {}) => {
  let left = burst
  let before = performance.now()
  return exchange => {
    const now = performance.now()
    left = Math.min(burst, left + (now - before) / every)
    before = now
    if (left < 1) return exchange.send({ status }, retryAfter === undefined ? {} : { 'Retry-After': retryAfter })
    left--
    return exchange.send()
  }
}

/** Answers like a web server that somebody has put in front. @type {Fault} */
const html = answer('<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n', { type: 'text/html' })

/** Sends the client elsewhere. @returns {Fault} */
const redirect = location => ({ response }) => {
  response.writeHead(302, { Location: location, 'Content-Length': 0 })
  response.end()
}

/** Changes the true answer: `change` gets its JSON body and gives another. @returns {Fault} */
const rewrite = change => async exchange => {
  const reply = await exchange.truth()
  exchange.send({ ...reply, body: typeof reply.body === 'object' ? change(structuredClone(reply.body)) : reply.body })
}

/** Says that its chain is `-height` blocks long. @type {Fault} */
const negativeHeight = rewrite(function negate (body) {
  for (const [key, value] of Object.entries(body)) {
    if (value && typeof value === 'object') negate(value)
    else if (key === 'height') body[key] = -value
  }
  return body
})

/** Leaves out the last third of the true answer, and says that all is there. @param {import('./exchange').Exchange} exchange */
const truncated = async exchange => {
  const { status, type, body } = await exchange.truth()
  const text = textOf(body)
  exchange.send({ status, type, body: text.slice(0, Math.ceil(text.length * 2 / 3)) })
}

/** Answers with a JSON text of that size that never comes to its end. @returns {Fault} */
const huge = (bytes = 50 * 1024 * 1024) => async exchange => {
  const { response } = exchange
  response.writeHead(200, { 'Content-Type': JSON_TYPE })
  await pour(exchange, '{"status":"')
  for (let sent = 0; sent < bytes && !exchange.closed; sent += ONE_MEGABYTE.length) await pour(exchange, ONE_MEGABYTE)
  response.end()
}

/** Sends the true answer byte by byte, so that something comes all the time and the whole takes for ever. @returns {Fault} */
const drip = (millisecondsPerByte = 50) => async exchange => {
  const { status, type, body } = await exchange.truth()
  const text = textOf(body)
  exchange.response.writeHead(status, { 'Content-Length': Buffer.byteLength(text), ...type && { 'Content-Type': type } })
  for (const byte of Buffer.from(text)) {
    if (exchange.closed) return
    await pour(exchange, Buffer.of(byte))
    await sleep(millisecondsPerByte, undefined, { ref: false })
  }
  exchange.response.end()
}

/** Sends headers without end. @param {import('./exchange').Exchange} exchange */
const endlessHeaders = async exchange => {
  const { socket } = exchange.request
  socket.write('HTTP/1.1 200 OK\r\n')
  const line = `X-More: ${'y'.repeat(1000)}\r\n`
  while (!socket.destroyed) {
    if (!socket.write(line)) await drained(socket)
    // One line a turn: everybody else in this process has to get a turn too.
    await new Promise(setImmediate)
  }
}

/** Only for requests with one of these paths or methods. @param {string | string[]} keys @param {Fault} fault @returns {Fault} */
const only = (keys, fault) => exchange => [].concat(keys).includes(exchange.key) ? fault(exchange) : exchange.send()

/**
 * One fault after the other, again and again; null answers truly. Goes by the requests for info, one to each try of a
 * poll, and answers all others truly.
 * @param {Array<Fault | null>} faults
 * @returns {Fault}
 */
const inTurn = faults => {
  let turn = 0
  return exchange => {
    const fault = exchange.asksInfo ? faults[turn++ % faults.length] : null
    return fault ? fault(exchange) : exchange.send()
  }
}

/** Every second poll fails wholly, with all of its tries. @param {Fault} [fault] @param {{ tries?: number }} [options] @returns {Fault} */
const everySecondPoll = (fault = reset, { tries = 2 } = {}) => inTurn([null, ...Array(tries).fill(fault)])

async function pour (exchange, data) {
  if (!exchange.closed && !exchange.response.write(data)) await drained(exchange.response)
}

/** Resolves when more may be written, and also when nobody is left to read it. */
async function drained (stream) {
  const waiting = new AbortController()
  const { signal } = waiting
  await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {})
  waiting.abort()
}

module.exports = {
  ...brokenHttp,
  answer,
  drip,
  endlessHeaders,
  everySecondPoll,
  hang,
  html,
  huge,
  inTurn,
  late,
  limited,
  lost,
  negativeHeight,
  only,
  redirect,
  reset,
  rewrite,
  slow,
  status,
  truncated
}
