'use strict'

/** A promise that keeps the process alive while somebody waits for it. */
class Waiting {
  constructor () {
    this.promise = new Promise(resolve => { this.resolve = resolve })
    this.timer = null
    this.ended = false
  }

  /** The timer does nothing but exist; it also keeps its source from being collected. */
  hold (source) {
    if (!this.timer && !this.ended) this.timer = setInterval(() => source, LONGEST_TIMER)
  }

  end (status) {
    this.ended = true
    clearInterval(this.timer)
    this.timer = null
    this.resolve(status)
  }
}

const LONGEST_TIMER = 0x7fffffff

module.exports = Waiting
