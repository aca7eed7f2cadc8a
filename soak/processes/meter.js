'use strict'

const fs = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')
const { now } = require('../clock')

const MEGABYTE = 1024 * 1024
/** A process that was given its turn later than that stood still. */
const LATE = 50
const TICK = 25
/** A connection for single questions is ended a second after the last one. */
const IDLE = 1500
/** A socket's state in the kernel's table. */
const LISTENING = '0A'
/** Until everything else that was let go of is gone. */
const SETTLING = 8000

/**
 * What a process holds, once that has settled: nothing is collected or closed in the very moment in which it is let go of.
 * @returns {Promise<Record<string, number>>} memory in MB, everything else counted
 */
async function sample () {
  await sleep(IDLE)
  const deadline = now() + SETTLING
  let before = null
  for (;;) {
    for (let times = 0; times < 2; times++) {
      global.gc()
      await sleep(TICK)
    }
    const counts = count()
    if (JSON.stringify(counts) === before || now() > deadline) return { ...counts, ...memory() }
    before = JSON.stringify(counts)
    await sleep(4 * TICK)
  }
}

function count () {
  const files = fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').map(target) : []
  const sockets = files.filter(target => target.startsWith('socket:'))
  const open = connected()
  const connections = sockets.filter(target => open.has(target)).length
  return {
    handles: process.getActiveResourcesInfo().length,
    threads: fs.existsSync('/proc/self/task') ? fs.readdirSync('/proc/self/task').length : 0,
    connections,
    sockets: sockets.length - connections,
    files: files.length - sockets.length
  }
}

/** The sockets of this network that are connected to something. */
function connected () {
  const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].filter(file => fs.existsSync(file)).map(file => fs.readFileSync(file, 'utf8'))
  const rows = tables.flatMap(table => table.trim().split('\n').slice(1)).map(row => row.trim().split(/\s+/))
  return new Set(rows.filter(columns => columns[3] !== LISTENING).map(columns => `socket:[${columns[9]}]`))
}

function memory () {
  const { rss, heapUsed, external } = process.memoryUsage()
  return { memory: rss / MEGABYTE, heap: (heapUsed + external) / MEGABYTE }
}

/** The folder's own handle is in the list, and gone by now. */
function target (name) {
  try {
    return fs.readlinkSync(`/proc/self/fd/${name}`)
  } catch {
    return ''
  }
}

/** Notes when this process was not given its turn in time. */
class Turns {
  #stalls = []
  #timer

  /** @param {() => void} [each]  called at every turn */
  constructor (each = () => {}) {
    /** Milliseconds, all together. */
    this.late = 0
    let expected = now() + TICK
    this.#timer = setInterval(() => {
      const at = now()
      this.#note(at, Math.max(0, at - expected))
      each()
      expected = now() + TICK
    }, TICK)
  }

  /** The stalls since the last time. */
  take () {
    return this.#stalls.splice(0)
  }

  stop () {
    clearInterval(this.#timer)
  }

  #note (at, late) {
    this.late += late
    if (late > LATE) this.#stalls.push({ at, late })
  }
}

module.exports = { Turns, sample }
