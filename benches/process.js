'use strict'

const { execFile, fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { promisify } = require('node:util')

/** Nothing here takes nearly as long; a process that does is ended. */
const LONGEST = 300000

/**
 * Runs one of `processes/` to its end: a fresh process knows nothing of the measurement before.
 * @param {string} name
 * @param {object} [task]  what it finds as its first argument
 * @param {object} [options]
 * @param {string[]} [options.flags]  for Node.js itself
 * @param {string} [options.program]  another Node.js than this one
 * @returns {Promise<any>} the JSON value it printed
 */
async function run (name, task = {}, { flags = [], program = process.execPath } = {}) {
  const { stdout } = await promisify(execFile)(program, [...flags, fileOf(name), JSON.stringify(task)], { timeout: LONGEST })
  return JSON.parse(stdout)
}

/**
 * Does something while simulated daemons answer in a process of their own, which takes no time from those measured.
 * @param {number} count
 * @param {(daemons: SimulatedDaemons) => Promise<T>} use
 * @returns {Promise<T>}
 * @template T
 *
 * @typedef {object} SimulatedDaemons
 * @property {Array<{ host: string, port: number }>} addresses
 * @property {() => Promise<number>} alternate  makes the first two daemons unfit in turn, from now on
 * @property {(fault: 'crash' | 'hang' | 'lag' | 'fork', index: number) => Promise<{ at: number, height: number }>} break
 *   lets one daemon refuse, never answer, stand still while four blocks are found, or go on alone for two blocks while the others
 *   find three; gives when that was so, and how high the others' chain was
 */
async function withDaemons (count, use) {
  const child = fork(fileOf('daemons'), [JSON.stringify({ count })])
  const gone = new AbortController()
  const exit = once(child, 'exit').then(() => gone.abort())
  try {
    const [addresses] = await once(child, 'message', { signal: gone.signal })
    const order = orders(child, gone.signal)
    return await use({
      addresses,
      alternate: () => order('alternate'),
      break: order
    })
  } finally {
    if (child.connected) child.disconnect()
    // What follows may block this process, and the child would not hear of the end.
    await exit
  }
}

/** Gives orders to a child, each of which resolves when it has been carried out. */
function orders (child, signal) {
  let latest = 0
  return async (order, index) => {
    const id = ++latest
    child.send({ id, order, index })
    for (;;) {
      const [done] = await once(child, 'message', { signal })
      if (done.id === id) return done
    }
  }
}

/** Does several things in turn, round after round, the number of which they are given. @returns {Promise<T[][]>} the outcomes of each of them @template T */
async function alternately (rounds, ...things) {
  const outcomes = things.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, thing] of things.entries()) outcomes[index].push(await thing(round))
  }
  return outcomes
}

function fileOf (name) {
  return path.join(__dirname, 'processes', `${name}.js`)
}

module.exports = { alternately, run, withDaemons }
