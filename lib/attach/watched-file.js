'use strict'

const fs = require('fs')

const { toJson } = require('../config')

/** @typedef {import('../source/contract').Part} Part */

/** Milliseconds between two looks at the file's date and size, which notice every way of writing it, also over a network. */
const LOOK_EVERY = 1000
/** Milliseconds that it has to stay as it is before it counts: whoever writes it may be in the middle of that. */
const SETTLED_AFTER = 250

/**
 * The pool's configuration on disk, which counts whenever it changes.
 *
 * A file that cannot be used, or is gone, changes nothing and is mentioned once. `use(config)` takes a configuration, or
 * throws.
 * @implements {Part}
 */
class WatchedFile {
  constructor (file, log, use) {
    this.file = file
    this.log = log
    this.use = use
    this.inUse = null
    this.seen = null
    this.judged = null
    this.trouble = null
    this.timer = null
    this.stopped = false
    this.onChange = () => this.look()
    fs.watchFile(file, { interval: LOOK_EVERY, persistent: false }, this.onChange)
  }

  /** This configuration is in use from now on, from wherever it came. */
  reconfigured (config) {
    this.inUse = toJson(config)
  }

  stop () {
    this.stopped = true
    fs.unwatchFile(this.file, this.onChange)
    clearTimeout(this.timer)
  }

  look () {
    clearTimeout(this.timer)
    fs.readFile(this.file, 'utf8', (error, text) => {
      if (this.stopped) return
      if (!this.isSettled(error ? `cannot be read: ${wordsOf(error)}` : null, text)) return this.lookAgain(SETTLED_AFTER)
      // What was in the way (no file descriptor was left, say) may end without a change of the file.
      if (error && error.code !== 'ENOENT') this.lookAgain(LOOK_EVERY)
    })
  }

  lookAgain (delay) {
    this.timer = setTimeout(this.onChange, delay)
    this.timer.unref()
  }

  /** Judges what has been there twice; tells whether it has. */
  isSettled (absence, text) {
    const found = absence || text
    const settled = found === this.seen
    this.seen = found
    if (settled) this.judge(absence, text)
    return settled
  }

  judge (absence, text) {
    if (this.seen === this.judged) return
    this.judged = this.seen
    try {
      if (absence) throw new Error(absence)
      this.take(parse(text))
    } catch (error) {
      return this.complain(error.mistakes ? error.mistakes.join('; ') : error.message)
    }
    if (this.trouble) this.log.info(`${this.file} can be used again`)
    this.trouble = null
  }

  /** What the file says besides is the pool's own matter. */
  take (config) {
    if (toJson(config) !== this.inUse) this.use(config)
  }

  complain (trouble) {
    if (trouble !== this.trouble) this.log.error(`${this.file} is ignored: ${trouble}`)
    this.trouble = trouble
  }
}

function parse (text) {
  let config
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch ({ message }) {
    // Node's words may quote what stands there, which may be a password.
    const [, position] = /at position (\d+)/.exec(message) || []
    throw new Error(`it is not JSON${position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`}`)
  }
  if (typeof config !== 'object' || config === null) throw new Error('it is not a JSON object')
  return config
}

/** @param {NodeJS.ErrnoException} error */
function wordsOf ({ code, message }) {
  return code === 'ENOENT' ? 'the file does not exist' : message
}

module.exports = WatchedFile
