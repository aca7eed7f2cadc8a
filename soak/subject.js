'use strict'

const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')

/** Until a process has come to rest: its own limits are shorter, and say more. */
const LONGEST_REST = 150000
/** Until a process that has nothing left to do has ended. */
const LONGEST_END = 20000

/**
 * What makes the memory of a process follow what it holds: a young generation of one size, and large pieces of memory that
 * the C library gives back when they are freed, whatever was freed before.
 */
const FLAGS = ['--expose-gc', '--max-semi-space-size=1']
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }

/** A process that embeds the addon, and is watched. */
class Subject {
  /**
   * @param {string} name  of the file in processes/
   * @param {object} input  what it needs to know
   */
  constructor (name, input) {
    this.name = name
    this.stderr = ''
    this.process = fork(path.join(__dirname, 'processes', `${name}.js`), [JSON.stringify(input)], {
      execArgv: FLAGS, env: { ...process.env, ...ENVIRONMENT }, stdio: ['ignore', 'inherit', 'pipe', 'ipc']
    })
    this.process.stderr.setEncoding('utf8').on('data', text => { this.stderr = (this.stderr + text).slice(-4000) })
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal }))
    this.isOver = false
    this.ended.then(() => { this.isOver = true })
  }

  /** Has something done. @param {{ order: string, dice?: number }} order */
  tell (order) {
    if (!this.isOver && this.process.connected) this.process.send(order, () => {})
  }

  /** Stands still for a while, as on a machine that is put to sleep. */
  async suspend (milliseconds) {
    this.process.kill('SIGSTOP')
    try {
      await sleep(milliseconds)
    } finally {
      this.process.kill('SIGCONT')
    }
  }

  /** Comes to rest, and says what it saw. */
  async rest () {
    const report = this.#next()
    this.tell({ order: 'rest' })
    const late = sleep(LONGEST_REST, null, { ref: false })
    const first = await Promise.race([report, this.ended, late])
    if (first && first.rested) return first
    throw new Error(first ? `the process '${this.name}' ended with ${first.signal || first.code}\n${this.stderr}` : `the process '${this.name}' did not come to rest`)
  }

  /** Has nothing left to do: it has to end by itself. @returns {Promise<string | null>} what is wrong */
  async end () {
    this.tell({ order: 'end' })
    const end = await Promise.race([this.ended, sleep(LONGEST_END, null, { ref: false })])
    if (!end) return `the process '${this.name}' did not end by itself`
    return end.code === 0 ? null : `the process '${this.name}' ended with ${end.signal || end.code}\n${this.stderr}`
  }

  kill () {
    this.process.kill('SIGKILL')
  }

  async #next () {
    for (;;) {
      const [message] = await once(this.process, 'message')
      if (message.rested) return message
    }
  }
}

module.exports = { Subject }
