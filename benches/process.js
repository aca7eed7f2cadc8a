'use strict'

const { execFile, fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { promisify } = require('node:util')

/** Nothing here takes nearly as long; a process that does is ended. */
const LONGEST = 120000

/**
 * Runs one of `processes/` to its end: a fresh process knows nothing of the measurement before.
 * @param {string} name
 * @param {object} [task]  what it finds as its first argument
 * @param {string[]} [flags]  for Node.js itself
 * @returns {Promise<any>} the JSON value it printed
 */
async function run (name, task = {}, flags = []) {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, fileOf(name), JSON.stringify(task)], { timeout: LONGEST })
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
 * @property {() => void} alternate  makes the first two daemons unfit in turn, from now on
 */
async function withDaemons (count, use) {
  const child = fork(fileOf('daemons'), [JSON.stringify({ count })])
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  try {
    const [addresses] = await once(child, 'message', { signal: gone.signal })
    return await use({ addresses, alternate: () => child.send('alternate') })
  } finally {
    if (child.connected) child.disconnect()
  }
}

/** Does several things in turn, round after round. @returns {Promise<T[][]>} the outcomes of each of them @template T */
async function alternately (rounds, ...things) {
  const outcomes = things.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, thing] of things.entries()) outcomes[index].push(await thing())
  }
  return outcomes
}

function fileOf (name) {
  return path.join(__dirname, 'processes', `${name}.js`)
}

module.exports = { alternately, run, withDaemons }
