'use strict'

// What may be wrong with the frame of an answer whose words are true, as of a daemon that dies while it talks, or of a
// proxy before it. Each of these is a Fault (see faults.js).

const { gzipSync } = require('node:zlib')
const { textOf } = require('./exchange')

const GARBAGE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'

/** Sends the first half of the answer, and ends the connection. */
const half = exchange => withTruth(exchange, ({ status, headers, text, length }) => {
  exchange.response.writeHead(status, { ...headers, 'Content-Length': length })
  exchange.response.write(text.slice(0, Math.ceil(text.length / 2)), () => exchange.request.socket.end())
})

/** Announces some bytes more than it sends, and leaves the connection open. */
const shorter = (missing = 10) => exchange => withTruth(exchange, ({ status, headers, text, length }) => {
  // Even for a client that wants it closed.
  exchange.response.shouldKeepAlive = true
  exchange.response.writeHead(status, { ...headers, 'Content-Length': length + missing })
  exchange.response.end(text)
})

/** Sends more bytes than it announces: another answer, which nobody asked for. */
const longer = (surplus = GARBAGE) => exchange => withTruth(exchange, ({ status, headers, text, length }) => {
  exchange.response.writeHead(status, { ...headers, 'Content-Length': length })
  exchange.response.end(text + surplus)
})

/** Compresses the answer, though nobody said that he could read that. */
const gzip = async exchange => {
  const { body, ...reply } = await exchange.truth()
  exchange.send({ ...reply, body: gzipSync(textOf(body)) }, { 'Content-Encoding': 'gzip' })
}

/** Sends the answer in chunks, as many proxies do. */
const chunked = exchange => withTruth(exchange, ({ status, headers, text }) => sendChunked(exchange.response, status, headers, text))

/** Sends the answer in chunks, and something after the last one. */
const chunkedWithGarbage = (garbage = GARBAGE) => exchange => withTruth(exchange, ({ status, headers, text }) => {
  sendChunked(exchange.response, status, headers, text, () => exchange.request.socket.write(garbage))
})

/** Tells no length: the answer ends with the connection, as in HTTP/1.0. */
const untilClose = exchange => withTruth(exchange, ({ status, headers, text }) => {
  exchange.response.useChunkedEncodingByDefault = false
  exchange.response.writeHead(status, { ...headers, Connection: 'close' })
  exchange.response.end(text)
})

function sendChunked (response, status, headers, text, then) {
  response.writeHead(status, { ...headers, 'Transfer-Encoding': 'chunked' })
  response.write(text.slice(0, 1))
  response.end(text.slice(1), then)
}

/** Hands on the parts of the true answer, if somebody is there still. */
async function withTruth (exchange, send) {
  const { status, type, body } = await exchange.truth()
  const text = textOf(body)
  if (!exchange.closed) send({ status, headers: type ? { 'Content-Type': type } : {}, text, length: Buffer.byteLength(text) })
}

module.exports = { chunked, chunkedWithGarbage, gzip, half, longer, shorter, untilClose }
