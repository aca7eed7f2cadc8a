'use strict'

const { Session } = require('node:inspector')
const { pathToFileURL } = require('node:url')

/**
 * What of some code has run, block by block, as V8 itself counts it.
 *
 * Only of what is loaded after this was made: V8 decides when it compiles a function whether it counts the blocks in it.
 */
class Coverage {
  /** @param {string} folder counted are the files below it */
  constructor (folder) {
    this.below = pathToFileURL(folder).href
    /** Where blocks begin, by function. @type {Map<string, Set<number>>} */
    this.blocks = new Map()
    /** Each block with each magnitude of its count. @type {Set<string>} */
    this.reached = new Set()
    this.session = new Session()
    this.session.connect()
    this.post('Profiler.enable')
    this.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Begins anew, as if nothing had run yet. */
  reset () {
    this.hasGrown()
    this.blocks.clear()
    this.reached.clear()
  }

  /** Whether what ran since the last call reached a block for the first time, or about twice as often as ever. */
  hasGrown () {
    const before = this.reached.size
    const scripts = this.post('Profiler.takePreciseCoverage').result.filter(({ url }) => url.startsWith(this.below))
    for (const { url, functions } of scripts) {
      for (const { ranges } of functions) this.note(url, ranges)
    }
    return this.reached.size > before
  }

  /**
   * V8 leaves out a block that ran as often as what it is in, so a block is known only once it was seen to differ, and its
   * count is that of the innermost range around it. Outer ranges come before those in them.
   */
  note (url, ranges) {
    const name = `${url}:${ranges[0].startOffset}`
    if (!this.blocks.has(name)) this.blocks.set(name, new Set())
    const starts = this.blocks.get(name)
    for (const { startOffset } of ranges) starts.add(startOffset)
    for (const start of starts) {
      const { count } = ranges.filter(({ startOffset, endOffset }) => startOffset <= start && start < endOffset).pop()
      if (count > 0) this.reached.add(`${url}:${start} ${magnitude(count)}`)
    }
  }

  /** How many blocks were ever reached. */
  places () {
    return new Set([...this.reached].map(each => each.split(' ')[0])).size
  }

  stop () {
    this.session.disconnect()
  }

  /** The inspector of its own thread answers before it returns. */
  post (method, parameters) {
    let answer
    this.session.post(method, parameters, (error, result) => { answer = { error, result } })
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result
  }
}

/** The number of binary digits. */
function magnitude (count) {
  return 32 - Math.clz32(count)
}

module.exports = Coverage
