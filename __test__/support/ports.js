'use strict'

const { once } = require('node:events')
const net = require('node:net')

/**
 * The system gives ports from 32768 on (Linux; others from higher up) to whoever does not care which, all the time. Below, a
 * port that is free now is so a moment later too, when a program is to listen there. `fetch` refuses some ports, the highest of them 10080.
 */
const [LOWEST, HIGHEST] = [10081, 32000]

/** Ports on loopback that nobody listens on, for programs that have to be told theirs. @returns {Promise<number[]>} */
async function freePorts (count) {
  const held = []
  while (held.length < count) {
    const server = await hold(LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST)))
    if (server) held.push(server)
  }
  const ports = held.map(server => server.address().port)
  await Promise.all(held.map(server => once(server.close(), 'close')))
  return ports
}

/** Null where the port is taken. */
async function hold (port) {
  const server = net.createServer().listen(port, '127.0.0.1')
  return new Promise(resolve => {
    server.once('listening', () => resolve(server))
    server.once('error', () => resolve(null))
  })
}

module.exports = { freePorts }
